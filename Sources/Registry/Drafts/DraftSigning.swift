package import Agreements
package import OpenSSLKit

/// Puts signatures into a draft: one of this machine's own, or those that another tool has made.
package struct DraftSigning {
    private let report: DraftReport
    private let keys: KeysFolder
    private let now: Int64

    private var draft: Draft { report.draft }

    /// - Parameter now: POSIX seconds.
    package init(_ report: DraftReport, keys: KeysFolder, now: Int64) {
        self.report = report
        self.keys = keys
        self.now = now
    }

    /// Throws unless the draft is one to sign: of the registry that is pinned here, not lapsed, not overtaken, and with
    /// no signature that does not hold. What nobody signs beside must not be there.
    package func requireSignable() throws {
        if let index = report.index {
            throw RegistryError(
                .conflict,
                "the ledger has this statement already, \(report.state == .pending ? "pending " : "")as entry \(index)",
                hint: "nothing is left to sign: see 'bitim show'")
        }
        let wrong = report.findings.first { finding in
            // That no registry is here is told, and no obstacle.
            finding.severity != .warning && finding.key != "draft.registry.absent"
        }
        if let wrong { throw DraftRefusal.error(wrong, report) }
        for signer in report.signers where signer.verdict != .passed {
            guard signer.verdict == .failed else {
                throw RegistryError(
                    .refused,
                    "a signature in the draft cannot be judged here: \(signer.subject): \(signer.fault ?? "")",
                    hint: "ask that party for its public files, and put them into keys/; nothing was signed",
                    findings: signer.findings)
            }
            throw RegistryError(
                .refused,
                "a signature in the draft does not hold: \(signer.subject): \(signer.fault ?? "")",
                hint: "nothing was signed: \(DraftRefusal.anotherSignature)", findings: signer.findings)
        }
    }

    /// The party to sign for: the one that was asked for, or the only one whose key is here.
    package func party(_ asked: PartyID?, vault: KeyVault) throws -> PartyID {
        let names = draft.required.map(\.text).joined(separator: ", ")
        if let asked {
            guard draft.required.contains(asked) else {
                throw RegistryError(
                    .refused, "\(asked) need not sign this draft: it is signed by \(names)",
                    hint: "name one of these with --party")
            }
            if let signer = report.party(asked) { throw signed(asked, signer) }
            return asked
        }
        let here = try draft.required.filter { party in
            try signerFiles(party).contains { vault.has(KeyVault.keyName(party, .signer($0.number))) }
        }
        let open = here.filter { report.party($0) == nil }
        if open.isEmpty, let party = here.first, let signer = report.party(party) { throw signed(party, signer) }
        guard let party = open.first else {
            throw RegistryError(
                .unavailable, "no key of a signer of \(names) is in \(keys.path)/private",
                hint: "sign where the key is; or with openssl, see 'bitim sign --help'")
        }
        guard open.count == 1 else {
            throw RegistryError(
                .usage, "the keys of \(open.map(\.text).joined(separator: ", ")) are here",
                hint: "say for whom: --party \(party)")
        }
        return party
    }

    /// The party's signers; also those that are prepared and that a pending change lists, which only the ledger knows.
    private func signerFiles(_ party: PartyID) throws -> [KeysFolder.NumberedSigner] {
        let listed = report.ledger?.listedCertificates ?? []
        return try keys.numberedSigners(party)
            + keys.preparedSigners(party).filter { signer in
                signer.certificates.first.map { listed.contains(ContentDigest($0.fingerprint)) } ?? false
            }
    }

    private func signed(_ party: PartyID, _ signer: DraftSigner) -> RegistryError {
        let time = signer.claimedTime.flatMap { UTCTime(posixSeconds: $0)?.text } ?? "an unknown time"
        return RegistryError(
            .conflict, "\(party) has signed already, at \(time): \(signer.subject)",
            hint: "each party signs once; to sign again, take a copy without that signature")
    }

    /// Signs for the party with a key of this machine.
    ///
    /// - Parameter number: of the signer; nil for the first whose key is here, see `SignerChoice`.
    package func sign(for party: PartyID, signer number: Int?, vault: KeyVault) throws -> Draft {
        var wanted = Set(try signerFiles(party).compactMap(\.certificates.first).map { ContentDigest($0.fingerprint) })
        if let number {
            let certificates = try signerFiles(party).first { $0.number == number }?.certificates ?? []
            guard let certificate = certificates.first else {
                throw RegistryError(
                    .unavailable, "\(keys.fullPath(KeysFolder.signerName(party, number))) is not there",
                    hint: "'bitim keys show \(party)' lists the signers")
            }
            wanted = [ContentDigest(certificate.fingerprint)]
        }
        if let ledger = report.ledger {
            let listed = wanted.intersection(ledger.listedCertificates)
            if let number, listed.isEmpty {
                throw RegistryError(
                    .refused, "signer \(number) of \(party) is on no party's list of signers",
                    hint: "sign with one that the registry lists")
            }
            wanted = listed
        }
        let trust = try KeysTrust(keys, required: draft.required)
        let choice = SignerChoice(history: report.ledger?.state.registry, for: draft.statement)
        let signer = try vault.signer(
            for: party, listed: wanted, choice: choice,
            elsewhere: "private keys stay where they are: run 'bitim sign' on the machine of \(party); "
                + "or sign with openssl there, see 'bitim sign --help'"
        ) { certificate in
            if let ledger = report.ledger { return ledger.faults(of: certificate) }
            return try trust.faults(of: certificate, beside: intermediates(of: certificate, party), now: now)
        }
        let signed = try SignedData.sign(
            draft.statementBytes, certificate: signer.certificate, key: signer.key, signingTime: now)
        let signature = try DraftSignature(
            SignedData(derBytes: signed),
            candidates: [signer.certificate] + intermediates(of: signer.certificate, party))
        return try adding([signature], to: draft, from: party.text)
    }

    /// Those that follow the signer's certificate in its file.
    private func intermediates(of certificate: Certificate, _ party: PartyID) throws -> [Certificate] {
        return try signerFiles(party).first { $0.certificates.first?.fingerprint == certificate.fingerprint }?
            .certificates ?? []
    }

    /// Takes over signatures that were made with another tool, or in another copy of the draft.
    ///
    /// - Parameters:
    ///   - bytes: of a CMS SignedData in any encoding, attached or detached.
    ///   - certificates: where to look for the signer's, beside `keys/` and the registry, when none is inside.
    ///   - source: the file's name, for messages.
    package func importing(
        _ bytes: [UInt8], into grown: Draft, certificates: [Certificate], from source: String
    ) throws -> Draft {
        let imported: (signedData: SignedData, certificates: [Certificate])
        do throws(ImportError) {
            imported = try SignedData.imported(bytes, content: draft.statementBytes)
        } catch {
            throw DraftRefusal.error(error, bytes, draft, source)
        }
        let candidates = try imported.certificates + certificates + known(imported.signedData.signerInfos)
        var signatures: [DraftSignature] = []
        for part in try imported.signedData.separated() {
            do throws(RegistryError) {
                signatures.append(try DraftSignature(part, candidates: candidates))
            } catch {
                throw RegistryError(error.code, "\(source): \(error.message)", hint: error.hint)
            }
        }
        return try adding(signatures, to: grown, from: source)
    }

    /// Takes over what another party has signed in its copy of the draft.
    package func merging(_ other: Draft, into grown: Draft, from source: String) throws -> Draft {
        guard other.statementBytes == draft.statementBytes else {
            throw RegistryError(
                .refused, "\(source) is a draft of another statement",
                hint: "'bitim show' with both drafts names what differs")
        }
        return try adding(other.signatures, to: grown, from: source)
    }

    /// Certificates of signers that are at hand here.
    private func known(_ signers: [SignerInfo]) throws -> [Certificate] {
        var certificates: [Certificate] = []
        for party in keys.parties() { certificates += try signerFiles(party).compactMap(\.certificates.first) }
        for signer in signers {
            guard let issuer = signer.issuer, let serialNumber = signer.serialNumber else { continue }
            certificates += report.ledger?.certificates(issuer: issuer, serialNumber: serialNumber) ?? []
        }
        return certificates
    }

    /// The draft with the new ones of the signatures, each judged as one that is in a draft.
    private func adding(_ signatures: [DraftSignature], to draft: Draft, from source: String) throws -> Draft {
        var grown = draft
        for signature in signatures where !grown.has(signature) {
            let judged = try report.judge(signature, keys: keys, now: now)
            guard judged.verdict == .passed, let party = judged.party else {
                throw RegistryError(
                    .refused, "\(source): \(judged.subject): \(judged.fault ?? "it speaks for nobody")",
                    hint: "nothing was taken over", findings: judged.findings)
            }
            guard draft.required.contains(party) else {
                throw RegistryError(
                    .refused, "\(source): \(party) has signed, who need not sign this draft",
                    hint: "it is signed by \(draft.required.map(\.text).joined(separator: ", "))")
            }
            let present = try grown.signatures.map { try report.judge($0, keys: keys, now: now) }
            if let signer = present.first(where: { $0.party == party }) { throw signed(party, signer) }
            grown = grown.adding(signature)
        }
        return grown
    }
}
