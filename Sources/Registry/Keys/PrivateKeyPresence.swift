package import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// Which private halves of the keys that the registry names now are on this machine. By their files' names: nothing is
/// decrypted.
package struct PrivateKeyPresence: Sendable {
    package struct Party: Sendable {
        package let party: PartyID
        package let authority: Bool
        /// The numbers of its signers.
        package let signers: [Int]
        package let witness: Bool
    }

    package let log: Bool
    package let parties: [Party]
    /// The names of key files that lie there beside them: what the registry does not name now, or is known by no public
    /// file in `keys/`.
    package let others: [String]

    package init(_ ledger: OpenedLedger) throws {
        let keys = ledger.keys
        let vault = KeyVault(keys) { owner in
            throw RegistryError(
                .refused, "the keys of \(owner) are not opened to see which are here",
                hint: "'bitim keys list' shows the keys")
        }
        let constitution = ledger.history.state.constitution
        let logFile = (try? VerifierKey(parsing: constitution.log.key)).map { vault.logKeyFile(for: $0) }
        log = logFile.map(vault.has) ?? false
        parties = try constitution.parties.map { member in
            let party = member.party
            let listed = Set(member.signers.map(\.certificate))
            let witnesses = constitution.quorum.witnesses.filter { $0.party == party }
            return Party(
                party: party, authority: vault.has(KeyVault.keyName(party, .authority)),
                // What a pending change lists is still among the prepared ones.
                signers: try (keys.numberedSigners(party) + keys.preparedSigners(party)).filter { signer in
                    signer.certificates.first.map { listed.contains(ContentDigest($0.fingerprint)) } ?? false
                        && vault.has(KeyVault.keyName(party, .signer(signer.number)))
                }.map(\.number),
                witness: witnesses.contains { witness in
                    (try? VerifierKey(parsing: witness.key)).map { vault.has(vault.witnessKeyFile(party, for: $0)) }
                        ?? false
                })
        }
        var told = Set([logFile].compactMap { $0 })
        for member in parties {
            told.insert(KeyVault.keyName(member.party, .authority))
            for number in member.signers { told.insert(KeyVault.keyName(member.party, .signer(number))) }
        }
        for witness in constitution.quorum.witnesses {
            guard let key = try? VerifierKey(parsing: witness.key) else { continue }
            told.insert(vault.witnessKeyFile(witness.party, for: key))
        }
        others = vault.fileNames().filter { !told.contains("private/\($0)") }.sorted()
    }
}
