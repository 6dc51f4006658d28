internal import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// Whether the files in `keys/` that serve foreign tools say what the ledger says.
enum KeysAgreement {
    static func findings(_ keys: KeysFolder, ledger: OpenedLedger) -> [Finding] {
        strangers(keys, ledger) + policyFindings(keys, ledger)
            + ledger.constitution.parties.flatMap { partyFindings(keys, $0, ledger) }
            + WritableFiles.findings(keys, ledger.registry)
    }

    /// Folders of parties that the registry does not have: `cat keys/*/authority.pem` would trust them.
    private static func strangers(_ keys: KeysFolder, _ ledger: OpenedLedger) -> [Finding] {
        let known = Set(ledger.constitution.parties.map(\.party))
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
                    Finding(
                        "keys.policy.mismatch", path: path,
                        "the policy is not the one that the ledger lays down"
                            + (ledger.history.state.epochs.count > 1
                                ? ": if keys/ is only older, 'bitim keys update' writes it" : ""))
                ]
            }
            return try formerPolicyFindings(keys, ledger)
        } catch {
            return [Finding("keys.policy.malformed", path: path, "\(error)")]
        }
    }

    /// The policies of older checkpoints, which proofs made then are still verified by.
    private static func formerPolicyFindings(_ keys: KeysFolder, _ ledger: OpenedLedger) throws -> [Finding] {
        let former = ledger.history.formerPolicies.filter { $0.lastSize < ledger.publishedHead.size }
        var findings: [Finding] = []
        for size in keys.formerPolicySizes() {
            let path = "keys/\(KeysFolder.policyName(toSize: size))"
            let kept = try keys.formerPolicy(toSize: size).map { try WitnessPolicy(parsing: $0) }
            guard let policy = former.first(where: { $0.lastSize == size })?.policy,
                kept?.agrees(with: policy) ?? false
            else {
                findings.append(
                    Finding("keys.policy.mismatch", path: path, "the ledger lays down no such policy for that size"))
                continue
            }
        }
        let kept = Set(keys.formerPolicySizes())
        for (size, _) in former where !kept.contains(size) {
            findings.append(
                Finding(
                    "keys.policy.missing", .warning, path: "keys/\(KeysFolder.policyName(toSize: size))",
                    "the policy of older checkpoints is not kept: 'bitim keys update' writes it"))
        }
        return findings
    }

    private static func partyFindings(
        _ keys: KeysFolder, _ party: RegistryParty, _ ledger: OpenedLedger
    ) -> [Finding] {
        var findings: [Finding] = []
        let name = "keys/\(KeysFolder.authorityName(party.party))"
        do {
            let former = Withdrawn(ledger, of: party.party)
            let held = try keys.authorities(party.party).map { ContentDigest($0.fingerprint) }
            let authorities = Set(held)
            // Retired ones may stay, for what was signed under them; a revoked one must go.
            if !held.isEmpty,
                held.count != authorities.count || !authorities.isSuperset(of: party.authorities)
                    || !authorities.isSubset(of: party.authorities + former.retiredAuthorities)
            {
                findings.append(
                    Finding(
                        "keys.authority.mismatch", path: name,
                        "the authorities of \(party.party) are not those of the ledger"))
            }
            let listed = Set(
                ledger.history.state.epochs.flatMap { $0.constitution[party.party]?.signers.map(\.certificate) ?? [] })
            for signer in try keys.numberedSigners(party.party) {
                guard let certificate = signer.certificates.first,
                    !listed.contains(ContentDigest(certificate.fingerprint))
                else { continue }
                findings.append(
                    Finding(
                        "keys.signer.unlisted", path: "keys/\(KeysFolder.signerName(party.party, signer.number))",
                        "the certificate is not on the list of \(party.party)"))
            }
            let revoked = Set(try keys.revoked(party.party).map { ContentDigest($0.fingerprint) })
            if revoked != Set(former.revoked) {
                findings.append(
                    Finding(
                        "keys.revoked.mismatch", revoked.isSubset(of: former.revoked) ? .warning : .failed,
                        path: "keys/\(KeysFolder.revokedName(party.party))",
                        "the revoked certificates of \(party.party) are not those of the ledger: "
                            + "'bitim keys update' writes them"))
            }
            let witnesses = ledger.constitution.quorum.witnesses.filter { $0.party == party.party }.map(\.key)
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
