package import Agreements
package import OpenSSLKit
internal import TransparencyLog

/// What a draft of entry 0 would lay down. There is no ledger yet that could say who speaks for whom, so each party's own
/// public files in `keys/` have to: nobody else writes authorities, signers or witnesses into the constitution for it.
package struct DraftConstitution {
    private let draft: Draft
    private let established: RegistryEstablished
    private let store: CertificateStore
    /// Authorities, signers and the links between them: what goes into the registry with entry 0.
    package let certificates: [Certificate]

    package var constitution: Constitution { established.constitution }

    /// Nil for a draft of anything else.
    package init?(_ draft: Draft, keys: KeysFolder) throws {
        guard case .registryEstablished(let established) = draft.statement.event else { return nil }
        self.draft = draft
        self.established = established
        var candidates = draft.offered
        for party in established.constitution.parties.map(\.party) {
            candidates += try keys.authorities(party) + keys.signers(party) + keys.intermediates(party)
        }
        certificates = try Self.certificates(of: established.constitution, among: candidates)
        store = CertificateStore(certificates)
    }

    /// Of the candidates those that the constitution names, and what stands between its signers and their authorities.
    /// Others would belong to nothing.
    package static func certificates(
        of constitution: Constitution, among candidates: [Certificate]
    ) throws -> [Certificate] {
        var used: Set<ContentDigest> = []
        for party in constitution.parties {
            let authorities = candidates.filter { party.authorities.contains(ContentDigest($0.fingerprint)) }
            let listed = Set(party.signers.map(\.certificate))
            let anchors = try TrustAnchors(authorities)
            let intermediates = candidates.filter(\.isAuthority)
            used.formUnion(party.authorities)
            used.formUnion(listed)
            for signer in candidates where listed.contains(ContentDigest(signer.fingerprint)) {
                guard case .chain(let chain) = anchors.chain(for: signer, intermediates: intermediates) else {
                    continue
                }
                used.formUnion(chain.fingerprints.map { ContentDigest($0) })
            }
        }
        var seen: Set<ContentDigest> = []
        return candidates.filter {
            let fingerprint = ContentDigest($0.fingerprint)
            return used.contains(fingerprint) && seen.insert(fingerprint).inserted
        }
    }

    /// The leaf hash of the entry that the signatures in the draft make; nil when they make none.
    var identity: ContentDigest? { (try? draft.leaf()).map { ContentDigest(Entry(leaf: $0).leafHash) } }

    /// Judges one signature by the lists of the draft itself, with the code that judges an entry's.
    func judge(_ signature: DraftSignature, now: Int64) throws -> DraftSigner {
        let entry = Entry(leaf: try signature.leaf)
        var store = store
        for certificate in signature.certificates { store.insert(certificate) }
        let judging = SignerJudge(
            directory: try SignerDirectory(constitution, certificates: store),
            proved: ProvedInterval(notBefore: nil, notAfter: nil), time: now)
        return DraftSigner(
            signature, entry, judging.judge(entry, outcomes: SignatureCheck.outcomes(of: entry, certificates: store)))
    }

    // MARK: Findings

    /// What is wrong with the draft, signatures aside.
    func findings(keys: KeysFolder, signers: [DraftSigner], now: Int64) throws -> [Finding] {
        var findings: [Finding] = []
        let isWhole = Set(signers.compactMap(\.party)) == Set(draft.required)
        if let pinned = try keys.identity(), !isWhole || pinned != identity {
            findings.append(
                Finding(
                    "identity.mismatch", path: "keys/identity", expected: pinned.text,
                    actual: isWhole ? identity?.text : nil,
                    isWhole
                        ? "the keys here belong to a registry already, and not to the one that the draft establishes"
                        : "the keys here belong to a registry already, and who signs now could establish another"))
        }
        findings += LedgerState().violations(
            of: draft.statement, statementDigest: draft.statementDigest, on: UTCTime(posixSeconds: now)?.date,
            publishedRoot: { _ in nil }
        ).map { Finding($0, entry: nil, agreement: nil) }
        findings += EntryJudge(certificates: store).findings(of: established)
        for party in constitution.parties { findings += try Self.faults(of: party, constitution, keys) }
        return findings
    }

    /// Whether the draft names exactly what the party's own files have.
    private static func faults(
        of party: RegistryParty, _ constitution: Constitution, _ keys: KeysFolder
    ) throws -> [Finding] {
        let id = party.party
        let authorities = try keys.authorities(id)
        let signers = try keys.numberedSigners(id)
        guard !authorities.isEmpty, !signers.isEmpty, let witness = try keys.witnessKey(id) else {
            return [
                Finding(
                    "draft.keys.absent", .indeterminate, path: "keys/\(id)",
                    "the public files of \(id) are not whole here, so nobody can tell whether the draft names its own")
            ]
        }
        let named = party.signers.map(\.certificate)
        return differences(
            id, "authority", named: party.authorities.map(\.text),
            held: authorities.map { (ContentDigest($0.fingerprint).text, KeysFolder.authorityName(id)) })
            + differences(
                id, "signer", named: named.map(\.text),
                held: signers.compactMap { signer in
                    signer.certificates.first.map {
                        (ContentDigest($0.fingerprint).text, KeysFolder.signerName(id, signer.number))
                    }
                })
            + differences(
                id, "witness key", named: constitution.quorum.witnesses.filter { $0.party == id }.map(\.key),
                held: [(witness, KeysFolder.witnessName(id))])
    }

    private static func differences(
        _ party: PartyID, _ kind: String, named: [String], held: [(value: String, file: String)]
    ) -> [Finding] {
        let values = Set(held.map(\.value))
        return named.filter { !values.contains($0) }.map {
            Finding(
                "draft.keys.mismatch", path: held.first.map { "keys/\($0.file)" },
                expected: held.count == 1 ? held.first?.value : nil, actual: $0,
                "the draft names another \(kind) for \(party) than \(party)'s own public files have")
        }
            + held.filter { !named.contains($0.value) }.map {
                Finding(
                    "draft.keys.mismatch", path: "keys/\($0.file)", expected: $0.value,
                    "the draft leaves out a \(kind) that \(party)'s own public files have")
            }
    }
}
