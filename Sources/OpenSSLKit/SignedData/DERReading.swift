internal import SwiftASN1

/// Why bytes are not what they should be. The message is lower case and names the field.
package struct SignedDataError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

extension ASN1Node {
    /// The nodes inside, when the node is constructed under that tag.
    func children(_ identifier: ASN1Identifier, of field: String) throws(SignedDataError) -> [ASN1Node] {
        guard self.identifier == identifier, case .constructed(let nodes) = content else {
            throw SignedDataError("\(field) is not of the right type")
        }
        return Array(nodes)
    }

    func objectIdentifier(of field: String) throws(SignedDataError) -> ASN1ObjectIdentifier {
        guard let value = try? ASN1ObjectIdentifier(derEncoded: self) else {
            throw SignedDataError("\(field) is not an object identifier")
        }
        return value
    }

    func octets(of field: String) throws(SignedDataError) -> [UInt8] {
        guard let value = try? ASN1OctetString(derEncoded: self) else {
            throw SignedDataError("\(field) is not an octet string")
        }
        return Array(value.bytes)
    }

    func integer(of field: String) throws(SignedDataError) -> Int {
        guard let value = try? Int(derEncoded: self) else {
            throw SignedDataError("\(field) is not a small integer")
        }
        return value
    }

    /// The content octets of an INTEGER of any length.
    func integerOctets(of field: String) throws(SignedDataError) -> [UInt8] {
        guard (try? ArraySlice<UInt8>(derEncoded: self)) != nil, case .primitive(let octets) = content else {
            throw SignedDataError("\(field) is not an integer")
        }
        return Array(octets)
    }

    /// Whether the node is there and NULL.
    var isNull: Bool { (try? ASN1Null(derEncoded: self)) != nil }

    static func strictDER(_ bytes: [UInt8], of field: String) throws(SignedDataError) -> ASN1Node {
        do {
            return try DER.parse(bytes)
        } catch {
            throw SignedDataError("\(field) is not DER")
        }
    }
}

extension ASN1Identifier {
    static func context(_ number: UInt) -> ASN1Identifier {
        ASN1Identifier(tagWithNumber: number, tagClass: .contextSpecific)
    }
}

/// Whether the encodings stand in the order of DER's SET OF (X.690, 11.6), each once.
func isStrictlyAscending(_ elements: [ASN1Node]) -> Bool {
    zip(elements, elements.dropFirst()).allSatisfy { pair in
        pair.0.encodedBytes.lexicographicallyPrecedes(pair.1.encodedBytes)
    }
}

/// POSIX seconds of a UTCTime or GeneralizedTime, as RFC 5652, 11.3 uses them.
func posixSeconds(_ node: ASN1Node) throws(SignedDataError) -> Int64 {
    if let time = try? UTCTime(derEncoded: node) {
        return posixSeconds(time.year, time.month, time.day, time.hours, time.minutes, time.seconds)
    }
    // RFC 5652, 11.3: GeneralizedTime is for 2050 and later, and has no fractions.
    guard let time = try? GeneralizedTime(derEncoded: node), time.year >= 2050, time.rawFractionalSeconds.isEmpty else {
        throw SignedDataError("signing-time is not a time of RFC 5652, 11.3")
    }
    return posixSeconds(time.year, time.month, time.day, time.hours, time.minutes, time.seconds)
}

func posixSeconds(
    _ year: Int, _ month: Int, _ day: Int, _ hours: Int, _ minutes: Int, _ seconds: Int
) -> Int64 {
    // Days since 1970-01-01 in the proleptic Gregorian calendar, years counted from March so that the leap day is last.
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = shiftedYear / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    let days = era * 146_097 + dayOfEra - 719_468
    return Int64(days) * 86400 + Int64(hours * 3600 + minutes * 60 + seconds)
}
