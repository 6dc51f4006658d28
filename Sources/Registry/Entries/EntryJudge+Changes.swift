package import Agreements
internal import OpenSSLKit

extension EntryJudge {
    /// What a change would make of the registry; nothing of it holds before the change is taken in.
    package func findings(of change: RegistryChanged) -> [Finding] {
        guard let registry = state.registry, let changed = try? change.applied(to: registry.constitution) else {
            return []
        }
        let footing = footing(of: changed, withdrawals: registry.withdrawals, entry: state.size)
        var findings = footing.findings
        if let directory = footing.directory { findings += additionFindings(of: change, directory) }
        findings += revocationFindings(of: change, to: changed, registry)
        for party in changed.parties {
            guard let directory = footing.directory, let missing = directory.incapacity(of: party) else { continue }
            findings.append(
                Finding(
                    "registry.change.signer", missing, entry: state.size, actual: party.party.text,
                    "nobody on the list of \(party.party) could sign after this change"))
        }
        return findings
    }

    /// What is brought onto a list has to be held, and to stand there: whoever carries a draft can take its certificates
    /// out, and nobody else may have them.
    private func additionFindings(of change: RegistryChanged, _ directory: SignerDirectory) -> [Finding] {
        func finding(_ severity: Finding.Severity, _ certificate: Certificate, _ message: String) -> Finding {
            Finding(
                "registry.change.certificate", severity, entry: state.size,
                path: RegistryFolder.certificateName(ContentDigest(certificate.fingerprint)),
                actual: certificate.subject, message)
        }
        var findings: [Finding] = []
        for authority in change.authorities where authority.action == .add {
            // That one is not held is told of the list.
            guard let certificate = certificates[authority.certificate], !certificate.isAuthority else { continue }
            findings.append(finding(.failed, certificate, "an authority that the change adds is no CA"))
        }
        for signer in change.signers where signer.action == .add {
            guard let certificate = certificates[signer.certificate] else {
                findings.append(
                    Finding(
                        "certificate.missing", .indeterminate, entry: state.size,
                        path: RegistryFolder.certificateName(signer.certificate),
                        "the certificate of a signer that the change adds to \(signer.party) is not held"))
                continue
            }
            let isOpen = directory.lacksIssuer(certificate)
            findings += directory.standing(of: certificate).faults.map { fault in
                finding(
                    fault.key == "entry.signer.chain" && isOpen ? .indeterminate : fault.severity, certificate,
                    "a signer that the change adds could not sign for \(signer.party): \(fault.message)")
            }
        }
        return findings
    }

    /// A revoked key is on no list after the change, whatever certificate carries it. That a signer's own key returns is
    /// told by the state; the keys of authorities are in their certificates alone.
    private func revocationFindings(
        of change: RegistryChanged, to changed: Constitution, _ registry: RegistryState
    ) -> [Finding] {
        let withdrawn = registry.withdrawals.filter { $0.value.isRevocation }.keys
        let revoked = RevokedKeys(
            Set(withdrawn).union(change.listChanges.filter { $0.action == .revoke }.map(\.certificate)),
            certificates: certificates)
        func finding(_ certificate: ContentDigest, _ how: String) -> Finding {
            Finding(
                "registry.change.revoked", entry: state.size, path: RegistryFolder.certificateName(certificate),
                actual: certificate.text, "the key of \(certificate) is revoked \(how)")
        }
        var findings: [Finding] = []
        for party in changed.parties {
            for authority in party.authorities {
                guard let certificate = certificates[authority] else { continue }
                if let other = revoked[certificate] {
                    findings.append(finding(authority, "with \(other)"))
                } else if let key = certificate.listedKey, let entry = registry.revocation(of: key) {
                    findings.append(finding(authority, "in entry \(entry)"))
                }
            }
            for signer in party.signers where registry.revocation(of: signer.publicKey) == nil {
                guard let other = revoked[signer.publicKey] else { continue }
                findings.append(finding(signer.certificate, "with \(other)"))
            }
        }
        if change.listChanges.contains(where: { $0.action == .add }) {
            // A signer's key is in the ledger, whatever becomes of its certificate.
            let authorities = Set(registry.epochs.flatMap(\.constitution.parties).flatMap(\.authorities))
            findings += revoked.missing.filter(authorities.contains).map {
                Finding(
                    "certificate.missing", .indeterminate, entry: state.size,
                    path: RegistryFolder.certificateName($0),
                    "a revoked authority's certificate is not held, so nobody knows whether its key comes back")
            }
        }
        return findings
    }
}
