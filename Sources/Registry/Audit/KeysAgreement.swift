internal import Agreements
internal import OpenSSLKit
internal import TransparencyLog

/// Whether the files in `keys/` that serve foreign tools say what the ledger says.
enum KeysAgreement {
    static func findings(_ keys: KeysFolder, ledger: OpenedLedger) -> [Finding] {
        strangers(keys, ledger) + policyFindings(keys, ledger)
            + ledger.established.parties.flatMap { partyFindings(keys, $0, ledger) }
    }

    /// Folders of parties that the registry does not have: `cat keys/*/authority.pem` would trust them.
    private static func strangers(_ keys: KeysFolder, _ ledger: OpenedLedger) -> [Finding] {
        let known = Set(ledger.established.parties.map(\.party))
        return keys.parties().filter { !known.contains($0) }.map {
            Finding(
                "keys.party.unknown", path: "keys/\(KeysFolder.authorityName($0))", actual: $0.text,
                "the registry has no such party, and other tools would trust its authority")
        }
    }

    private static func policyFindings(_ keys: KeysFolder, _ ledger: OpenedLedger) -> [Finding] {
        let path = "keys/\(KeysFolder.policyName)"
        do {
            guard let bytes = try keys.policy() else { return [] }
            guard try WitnessPolicy(parsing: bytes).agrees(with: ledger.policy) else {
                return [
                    Finding("keys.policy.mismatch", path: path, "the policy is not the one that the ledger lays down")
                ]
            }
            return []
        } catch {
            return [Finding("keys.policy.malformed", path: path, "\(error)")]
        }
    }

    private static func partyFindings(
        _ keys: KeysFolder, _ party: RegistryParty, _ ledger: OpenedLedger
    ) -> [Finding] {
        var findings: [Finding] = []
        let name = "keys/\(KeysFolder.authorityName(party.party))"
        do {
            let authorities = try keys.authorities(party.party).map { ContentDigest($0.fingerprint) }.sorted()
            if !authorities.isEmpty, authorities != party.authorities {
                findings.append(
                    Finding(
                        "keys.authority.mismatch", path: name,
                        "the authorities of \(party.party) are not those of the ledger"))
            }
            let listed = Set(party.signers.map(\.certificate))
            for (position, signer) in try keys.signers(party.party).enumerated()
            where !listed.contains(ContentDigest(signer.fingerprint)) {
                findings.append(
                    Finding(
                        "keys.signer.unlisted", path: "keys/\(KeysFolder.signerName(party.party, position + 1))",
                        "the certificate is not on the list of \(party.party)"))
            }
            let witnesses = ledger.established.quorum.witnesses.filter { $0.party == party.party }.map(\.key)
            if let key = try keys.witnessKey(party.party), !witnesses.contains(key) {
                findings.append(
                    Finding(
                        "keys.witness.mismatch", path: "keys/\(KeysFolder.witnessName(party.party))",
                        "the key is not that of a witness of \(party.party)"))
            }
        } catch {
            findings.append(Finding("keys.malformed", path: "keys/\(party.party)", "\(error)"))
        }
        return findings
    }
}
