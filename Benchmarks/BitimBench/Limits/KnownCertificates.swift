internal import OpenSSLKit

/// The certificates that a registry holds, by issuer and serial number.
struct KnownCertificates: Sendable {
    let all: [Certificate]
    private let positions: [[UInt8]: Int]

    init(registry: String) throws {
        all = try LedgerBytes.names(in: "\(registry)/certificates").map {
            try Certificate(derBytes: LedgerBytes.read("\(registry)/certificates/\($0)"))
        }
        positions = Dictionary(
            all.enumerated().map { ($0.element.issuer + $0.element.serialNumber, $0.offset) }, uniquingKeysWith: { $1 })
    }

    func position(of signer: SignerInfo) throws -> Int {
        guard let issuer = signer.issuer, let serial = signer.serialNumber, let position = positions[issuer + serial]
        else {
            throw BenchError("a signer's certificate is not there")
        }
        return position
    }
}
