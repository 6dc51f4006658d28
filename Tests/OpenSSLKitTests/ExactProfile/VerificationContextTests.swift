import OpenSSLKit
import Support
import Testing

/// A context that is kept says of every signature what `PublicKey.isValid` says.
@Suite struct VerificationContextTests {
    private static let schemes: [(KeyAlgorithm, SignatureScheme)] = [
        (.p256, .ecdsa(.sha256)), (.p256, .ecdsa(.sha384)), (.p384, .ecdsa(.sha384)), (.p384, .ecdsa(.sha256)),
        (.rsa(bits: 2048), .rsaPKCS1(.sha256)), (.rsa(bits: 2048), .rsaPKCS1(.sha384)),
        (.rsa(bits: 2048), .rsaPKCS1(.sha512)), (.rsa(bits: 2048), .rsaPSS(.sha256, saltLength: 32)),
        (.rsaPSS(bits: 2048), .rsaPSS(.sha512, saltLength: 20)),
    ]

    private func agree(_ key: PublicKey, _ scheme: SignatureScheme, _ signature: [UInt8], _ message: [UInt8]) -> Bool? {
        let expected = key.isValid(signature: signature, for: message, scheme: scheme)
        guard let context = VerificationContext(key: key, scheme: scheme) else { return expected ? nil : false }
        let digest: DigestAlgorithm =
            switch scheme {
            case .ecdsa(let digest), .rsaPKCS1(let digest), .rsaPSS(let digest, _): digest
            case .ed25519: .sha256
            }
        let hash = digest.hash(message)
        for _ in 0..<2 {
            guard context.isValid(signature: signature.span, digest: hash.span) == expected else { return nil }
        }
        return expected
    }

    @Test(arguments: schemes.indices)
    func `Signatures, good, altered and malformed, are judged alike`(_ number: Int) throws {
        let (algorithm, scheme) = Self.schemes[number]
        let key = try PrivateKey.generate(algorithm)
        let message = Array("what is signed".utf8)
        let signature = try key.sign(message, scheme: scheme)
        #expect(agree(key.publicKey, scheme, signature, message) == true)
        #expect(agree(key.publicKey, scheme, signature, message + [0]) == false)
        #expect(agree(key.publicKey, scheme, [], message) == false)
        for position in signature.indices {
            var altered = signature
            altered[position] ^= 1 << UInt8(position % 8)
            #expect(agree(key.publicKey, scheme, altered, message) == false, "byte \(position)")
            #expect(agree(key.publicKey, scheme, Array(signature.prefix(position)), message) == false)
        }
        #expect(agree(key.publicKey, scheme, signature + [0], message) == false)
        #expect(agree(key.publicKey, scheme, [0] + signature, message) == false)
    }

    /// RFC 3279, 2.2.3 has one spelling: a second one of a good signature is no signature.
    @Test func `An ECDSA signature in another spelling is judged alike`() throws {
        let key = try PrivateKey.generateP256()
        let message = Array("what is signed".utf8)
        let signature = try key.sign(message, scheme: .ecdsa(.sha256))
        let pair = DERBytes.children(of: signature)
        let padded = pair.map { DERBytes.node(0x02, [0] + $0.dropFirst(2)) }
        let spellings: [[UInt8]] = [
            DERBytes.sequence([padded[0], pair[1]]), DERBytes.sequence([pair[0], padded[1]]),
            [0x30, 0x81, UInt8(signature.count - 2)] + signature.dropFirst(2),
            [0x30, 0x80] + signature.dropFirst(2) + [0, 0], DERBytes.sequence(pair + [[0x05, 0x00]]),
            DERBytes.sequence([pair[0]]), DERBytes.sequence([[0x02, 0x00], pair[1]]),
            DERBytes.sequence([[0x02, 0x01, 0x00], pair[1]]), DERBytes.sequence([pair[1], pair[0]]),
            DERBytes.node(0x31, pair.flatMap { $0 }),
        ]
        for spelling in spellings {
            #expect(agree(key.publicKey, .ecdsa(.sha256), spelling, message) == false, "\(spelling)")
        }
    }

    @Test func `A scheme that does not go with the key is judged alike`() throws {
        let message = Array("what is signed".utf8)
        let (ec, rsa) = (try PrivateKey.generateP256(), try PrivateKey.generate(.rsa(bits: 2048)))
        let signature = try rsa.sign(message, scheme: .rsaPKCS1(.sha256))
        #expect(agree(rsa.publicKey, .ecdsa(.sha256), signature, message) == true, "the scheme is judged elsewhere")
        #expect(agree(ec.publicKey, .rsaPKCS1(.sha256), signature, message) == false)
        #expect(agree(ec.publicKey, .rsaPSS(.sha256, saltLength: 32), signature, message) == false)
        #expect(VerificationContext(key: try PrivateKey.generateEd25519().publicKey, scheme: .ed25519) == nil)
    }

    @Test func `A hasher that is kept hashes as one that is new`() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0) }
        for algorithm in DigestAlgorithm.allCases {
            let hasher = MessageHasher(algorithm)
            for count in [0, 1, 63, 64, 300] {
                let message = Array(bytes.prefix(count))
                #expect(hasher.hash(message.span).withSpan(Array.init) == algorithm.hash(message))
                guard count > 0 else { continue }
                let other = hasher.hash(message.span, first: 0x31).withSpan(Array.init)
                #expect(other == algorithm.hash([0x31] + message.dropFirst()))
            }
        }
    }
}

extension [UInt8] {
    fileprivate init(_ span: Span<UInt8>) { self = span.indices.map { span[$0] } }
}
