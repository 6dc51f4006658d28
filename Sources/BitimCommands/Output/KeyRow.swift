internal import Agreements
internal import OpenSSLKit
internal import Registry
internal import TiledLog

/// One key of a party.
struct KeyRow: Encodable {
    let party: String
    let role: String
    let algorithm: String
    /// SHA-256 of the certificate, or the witness's verifier key.
    let fingerprint: String
    let subject: String
    let notAfter: String
    let isPrivateHere: Bool

    /// - Parameter registry: nil when there is none: nobody knows then what is on its lists.
    static func all(_ keys: KeysFolder, parties: [PartyID], registry: RegistryState? = nil) throws -> [KeyRow] {
        try parties.flatMap { party in
            func has(_ use: KeyVault.Use) -> Bool {
                Files.kind(keys.fullPath(KeyVault.keyName(party, use))) == .regular
            }
            func mark(_ certificate: Certificate) -> String {
                guard let registry, let member = registry.constitution[party] else { return "" }
                let digest = ContentDigest(certificate.fingerprint)
                if member.authorities.contains(digest) || member.signers.contains(where: { $0.certificate == digest }) {
                    return ""
                }
                switch registry.withdrawals[digest]?.action {
                case .retire: return ", retired"
                case .revoke: return ", revoked"
                case .add, nil: return ", not listed"
                }
            }
            func row(_ certificate: Certificate, _ role: String, _ use: KeyVault.Use) -> KeyRow {
                KeyRow(
                    party: party.text, role: role + mark(certificate), algorithm: "\(certificate.publicKey.algorithm)",
                    fingerprint: ContentDigest(certificate.fingerprint).text, subject: certificate.subject,
                    notAfter: UTCTime(posixSeconds: certificate.notAfter)?.text ?? "", isPrivateHere: has(use))
            }
            var rows = try keys.authorities(party).map { row($0, "authority", .authority) }
            for signer in try keys.numberedSigners(party) {
                guard let certificate = signer.certificates.first else { continue }
                rows.append(row(certificate, "signer \(signer.number)", .signer(signer.number)))
            }
            for signer in try keys.preparedSigners(party) {
                guard let certificate = signer.certificates.first else { continue }
                rows.append(row(certificate, "signer \(signer.number), prepared", .signer(signer.number)))
            }
            func witnessRow(_ key: String, isPrivateHere: Bool) -> KeyRow {
                KeyRow(
                    party: party.text, role: "witness", algorithm: "Ed25519", fingerprint: key, subject: "",
                    notAfter: "", isPrivateHere: isPrivateHere)
            }
            let first = try keys.witnessKey(party)
            if let first { rows.append(witnessRow(first, isPrivateHere: has(.witness))) }
            let others = registry?.constitution.quorum.witnesses.filter { $0.party == party }.map(\.key) ?? []
            for key in others where key != first {
                rows.append(witnessRow(key, isPrivateHere: KeyVault.hasOwnFile(of: key, party, in: keys)))
            }
            return rows
        }
    }

    static func tell(_ rows: [KeyRow], _ output: OutputOptions) throws {
        let console = output.console
        if output.json { return console.answer(try JSONOutput.text(KeysResult(keys: rows))) }
        var table = Table(["PARTY", "ROLE", "ALGORITHM", "PRIVATE", "VALID UNTIL", "FINGERPRINT", "SUBJECT"])
        for row in rows {
            table.add([
                row.party, row.role, row.algorithm, row.isPrivateHere ? "here" : "elsewhere", row.notAfter,
                row.fingerprint, row.subject,
            ])
        }
        console.answer(table.text(width: console.width))
    }
}

private struct KeysResult: Encodable {
    let schemaVersion = 1
    let keys: [KeyRow]

    private enum CodingKeys: CodingKey { case schemaVersion, keys }
}
