internal import OpenSSLKit

/// A signer's SignerInfo as OpenSSL makes it once; from then on only the digest, the time and the signature are new.
struct SignerTemplate: Sendable {
    let certificate: Certificate
    let digest: DigestAlgorithm
    /// DER of the digest's AlgorithmIdentifier.
    let digestAlgorithm: [UInt8]
    private let key: PrivateKey
    private let scheme: SignatureScheme
    /// Signed attributes under the SET OF tag.
    private let attributes: [UInt8]
    private let digestOffset: Int
    private let timeOffset: Int
    /// The fields of the SignerInfo before its attributes, and those between attributes and signature.
    private let before: [UInt8]
    private let after: [UInt8]

    init(certificate: Certificate, key: PrivateKey) throws {
        self.certificate = certificate
        self.key = key
        let content = Array("a sample".utf8)
        let time: Int64 = 1_735_689_600
        let message = try SignedData(
            derBytes: SignedData.sign(content, certificate: certificate, key: key, signingTime: time))
        guard let info = message.signerInfos.first, let scheme = info.scheme, let digest = info.digestAlgorithm,
            let attributes = info.signedAttributesDER
        else { throw BenchError("OpenSSL's signature has not the parts that a leaf needs") }
        self.scheme = scheme
        self.digest = digest
        self.attributes = attributes
        digestAlgorithm = info.digestAlgorithmDER
        let tail = DERPieces.value(0x04, info.signature)
        let fields = info.derBytes.dropFirst(DERPieces.header(0x30, info.derBytes.count - 4).count).dropLast(tail.count)
        let inner = attributes.dropFirst()
        guard let digestOffset = attributes.firstRange(of: digest.hash(content))?.lowerBound,
            let timeOffset = attributes.firstRange(of: Self.utcTime(time))?.lowerBound,
            let place = fields.firstRange(of: inner)
        else { throw BenchError("OpenSSL's signature is not laid out as a leaf's") }
        self.digestOffset = digestOffset
        self.timeOffset = timeOffset
        before = Array(fields[..<place.lowerBound])
        after = Array(fields[place.upperBound...])
    }

    /// - Parameters:
    ///   - contentDigest: under this signer's own algorithm.
    ///   - time: from `utcTime`.
    func signerInfo(contentDigest: [UInt8], time: [UInt8]) throws -> [UInt8] {
        var signed = attributes
        signed.replaceSubrange(digestOffset..<(digestOffset + contentDigest.count), with: contentDigest)
        signed.replaceSubrange(timeOffset..<(timeOffset + time.count), with: time)
        let signature = try key.sign(signed, scheme: scheme)
        return DERPieces.value(0x30, before + signed.dropFirst() + after + DERPieces.value(0x04, signature))
    }

    /// The characters of a UTCTime.
    static func utcTime(_ seconds: Int64) -> [UInt8] {
        let (day, second) = (seconds / 86400, seconds % 86400)
        // The civil calendar of days since 1970 (Agreements has the same for dates).
        let shifted = day + 719_468
        let era = shifted / 146_097
        let ofEra = shifted % 146_097
        let year = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let fromMarch = (5 * ofYear + 2) / 153
        let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        let fields = [
            (era * 400 + year + (month <= 2 ? 1 : 0)) % 100, month, ofYear - (153 * fromMarch + 2) / 5 + 1,
            second / 3600, second / 60 % 60, second % 60,
        ]
        return fields.flatMap { [UInt8(0x30 + $0 / 10), UInt8(0x30 + $0 % 10)] } + [UInt8(ascii: "Z")]
    }
}
