/// Where the parts of one signature lie; offsets from the first byte of the SignedData.
package struct ExactSigner: Sendable {
    /// The issuerAndSerialNumber. Its inside has not been read.
    package let identifier: Range<Int>
    package let digestAlgorithm: DigestAlgorithm
    package let scheme: SignatureScheme
    /// The signed attributes under their tag [0], in DER's order.
    package let attributes: Range<Int>
    package let messageDigest: Range<Int>
    /// POSIX seconds.
    package let signingTime: Int64
    /// The whole attribute signing-certificate-v2. Its value has not been read.
    package let signingCertificate: Range<Int>
    package let signature: Range<Int>

    /// - Parameter fields: the inside of the SignerInfo.
    static func read(_ fields: DERCursor, _ bytes: Span<UInt8>) -> (signer: ExactSigner, digest: ExactDigest)? {
        var fields = fields
        guard fields.pass(ExactEncodings.version, in: bytes) else { return nil }
        let identifierStart = fields.position
        guard fields.next(0x30, in: bytes) != nil else { return nil }
        let identifier = identifierStart..<fields.position
        guard let digest = ExactDigest(&fields, bytes) else { return nil }
        let attributesStart = fields.position
        guard let inside = fields.next(0xA0, in: bytes) else { return nil }
        let attributes = attributesStart..<fields.position
        guard let scheme = Self.scheme(&fields, bytes, digest: digest.algorithm),
            let signature = fields.next(0x04, in: bytes), fields.isAtEnd,
            let read = ExactAttributes(inside, bytes),
            read.messageDigest.count == digest.algorithm.byteCount
        else { return nil }
        let signer = ExactSigner(
            identifier: identifier, digestAlgorithm: digest.algorithm, scheme: scheme, attributes: attributes,
            messageDigest: read.messageDigest, signingTime: read.signingTime,
            signingCertificate: read.signingCertificate, signature: signature.rest)
        return (signer, digest)
    }

    private static func scheme(
        _ fields: inout DERCursor, _ bytes: Span<UInt8>, digest: DigestAlgorithm
    ) -> SignatureScheme? {
        guard var inner = fields.next(0x30, in: bytes) else { return nil }
        if inner.pass(ExactEncodings.ecdsaWithSHA2, in: bytes) {
            guard let last = inner.byte(in: bytes), inner.isAtEnd else { return nil }
            switch (last, digest) {
            case (2, .sha256), (3, .sha384): return .ecdsa(digest)
            default: return nil
            }
        }
        guard inner.pass(ExactEncodings.pkcs1, in: bytes), let last = inner.byte(in: bytes) else { return nil }
        if !inner.isAtEnd { guard inner.pass(ExactEncodings.null, in: bytes), inner.isAtEnd else { return nil } }
        switch (last, digest) {
        case (1, _), (11, .sha256), (12, .sha384), (13, .sha512): return .rsaPKCS1(digest)
        default: return nil
        }
    }
}

/// The four signed attributes, each once, with one value, in DER's order.
private struct ExactAttributes {
    let messageDigest: Range<Int>
    let signingTime: Int64
    let signingCertificate: Range<Int>

    init?(_ inside: DERCursor, _ bytes: Span<UInt8>) {
        var inside = inside
        var hasContentType = false
        var digest: Range<Int>?
        var time: Int64?
        var certificate: Range<Int>?
        var previous: Range<Int>?
        while !inside.isAtEnd {
            let start = inside.position
            guard var attribute = inside.next(0x30, in: bytes) else { return nil }
            let whole = start..<inside.position
            if let previous, bytes.order(previous, whole) >= 0 { return nil }
            previous = whole
            if attribute.pass(ExactEncodings.messageDigest, in: bytes) {
                guard digest == nil, var values = attribute.next(0x31, in: bytes), attribute.isAtEnd,
                    let octets = values.next(0x04, in: bytes), values.isAtEnd
                else { return nil }
                digest = octets.rest
            } else if attribute.pass(ExactEncodings.signingTime, in: bytes) {
                guard time == nil, var values = attribute.next(0x31, in: bytes), attribute.isAtEnd,
                    let text = values.next(0x17, in: bytes), values.isAtEnd,
                    let seconds = utcTime(text.rest, bytes)
                else { return nil }
                time = seconds
            } else if attribute.pass(ExactEncodings.signingCertificateV2, in: bytes) {
                guard certificate == nil else { return nil }
                certificate = whole
            } else {
                guard !hasContentType, attribute.pass(ExactEncodings.contentTypeIsData, in: bytes), attribute.isAtEnd
                else { return nil }
                hasContentType = true
            }
        }
        guard hasContentType, let digest, let time, let certificate else { return nil }
        messageDigest = digest
        signingTime = time
        signingCertificate = certificate
    }
}

/// POSIX seconds of a UTCTime as DER has it (X.690, 11.8), YYMMDDHHMMSSZ; years from 1950 on (RFC 5652, 11.3).
private func utcTime(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Int64? {
    guard range.count == 13, bytes[range.lowerBound + 12] == UInt8(ascii: "Z") else { return nil }
    func pair(_ number: Int) -> Int? {
        let tens = Int(bytes[range.lowerBound + 2 * number]) - 0x30
        let ones = Int(bytes[range.lowerBound + 2 * number + 1]) - 0x30
        return (0...9).contains(tens) && (0...9).contains(ones) ? tens * 10 + ones : nil
    }
    guard let shortYear = pair(0), let month = pair(1), let day = pair(2), let hours = pair(3), let minutes = pair(4),
        let seconds = pair(5), (1...12).contains(month), hours < 24, minutes < 60, seconds < 60
    else { return nil }
    let year = shortYear < 50 ? 2000 + shortYear : 1900 + shortYear
    let isLeapYear = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    let days =
        switch month {
        case 2: isLeapYear ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    guard (1...days).contains(day) else { return nil }
    return posixSeconds(year, month, day, hours, minutes, seconds)
}
