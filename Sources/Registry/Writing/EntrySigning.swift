package import Agreements
package import OpenSSLKit

/// Makes leaves where the keys of all parties are at hand.
package struct EntrySigning {
    private let vault: KeyVault
    private let directory: SignerDirectory
    private let history: RegistryState?

    /// - Parameters:
    ///   - directory: the ledger's lists as they stand.
    ///   - history: how they came about; nil for entry 0.
    package init(vault: KeyVault, directory: SignerDirectory, history: RegistryState? = nil) {
        self.vault = vault
        self.directory = directory
        self.history = history
    }

    /// A leaf with one signature of each party.
    ///
    /// - Parameter signingTime: POSIX seconds.
    package func leaf(
        of statement: Statement, parties: [PartyID], signingTime: Int64
    ) throws -> (leaf: [UInt8], certificates: [Certificate]) {
        let content = statement.canonicalBytes
        let choice = SignerChoice(history: history, for: statement)
        var parts: [SignedData] = []
        var certificates: [Certificate] = []
        for party in parties {
            let signer = try vault.signer(for: party, listed: directory.listedCertificates, choice: choice) {
                directory.faults(of: $0, at: signingTime)
            }
            let signed = try SignedData.sign(
                content, certificate: signer.certificate, key: signer.key, signingTime: signingTime)
            parts.append(try SignedData(derBytes: signed))
            certificates.append(signer.certificate)
        }
        return (try SignedData.assemble(parts), certificates)
    }
}
