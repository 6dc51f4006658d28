internal import ArgumentParser
internal import OpenSSLKit

/// Which keys the signers of a generated registry have.
enum KeyMix: String, ExpressibleByArgument, CaseIterable {
    case p256, p384, rsa3072, mixed

    /// - Parameter number: of the signer, from 1.
    func algorithm(number: Int) -> KeyAlgorithm {
        switch self {
        case .p256: .p256
        case .p384: .p384
        case .rsa3072: .rsa(bits: 3072)
        case .mixed: [.p256, .p384, .rsa(bits: 3072)][(number - 1) % 3]
        }
    }
}
