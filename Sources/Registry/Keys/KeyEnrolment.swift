package import Agreements
package import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// Changes that bring a party's certificates and keys onto the registry's lists, or take them off.
package struct KeyEnrolment {
    private let keys: KeysFolder
    private let constitution: Constitution
    /// Certificates that do not come back.
    private let withdrawn: Set<ContentDigest>
    package let party: PartyID

    package init(_ ledger: OpenedLedger, party: PartyID) throws {
        keys = ledger.keys
        constitution = ledger.history.state.constitution
        withdrawn = Set(ledger.history.state.withdrawals.keys)
        self.party = party
        guard constitution[party] != nil else {
            throw RegistryError(
                .usage, "\(party) is no party of the registry",
                hint: "the parties are \(constitution.parties.map(\.party.text).joined(separator: ", "))")
        }
    }

    // MARK: Onto the lists

    /// Puts certificates aside as prepared, so that they get their places in `keys/` when the change is registered.
    /// What is prepared already stays.
    ///
    /// - Parameter signers: each the signer's certificate, followed by its intermediates.
    package func prepare(authorities: [Certificate], signers: [[Certificate]]) throws {
        let waiting = try keys.preparedAuthorities(party)
        let new = authorities.filter { one in !waiting.contains { $0.fingerprint == one.fingerprint } }
        if !new.isEmpty {
            try keys.files.replace(
                KeysFolder.preparedName(KeysFolder.authorityName(party)),
                with: try (waiting + new).flatMap { try $0.pem() })
        }
        let taken = try keys.numberedSigners(party).map(\.number) + keys.preparedSigners(party).map(\.number)
        var number = taken.max() ?? 0
        // By a key path through the optional, the standard library copies the digest onto itself.
        let prepared = Set(try keys.preparedSigners(party).compactMap { $0.certificates.first?.fingerprint })
        for chain in signers {
            guard let certificate = chain.first, !prepared.contains(certificate.fingerprint) else { continue }
            number += 1
            try keys.files.create(
                KeysFolder.preparedName(KeysFolder.signerName(party, number)), with: try chain.flatMap { try $0.pem() })
        }
    }

    /// The change that brings everything prepared onto the lists, with its certificates.
    package func enrolPrepared() throws -> (change: RegistryChanged, certificates: [Certificate]) {
        try enrol(
            authorities: keys.preparedAuthorities(party), signers: keys.preparedSigners(party).map(\.certificates),
            witness: keys.preparedWitnessKey(party),
            none: RegistryError(
                .unavailable, "nothing of \(party) is prepared in \(keys.path)/\(party)/prepared",
                hint: "name the files: --signer FILE, --authority FILE, --witness FILE"))
    }

    /// The change that brings these onto the lists and nothing else, with its certificates. Nothing is written.
    ///
    /// - Parameter signers: each the signer's certificate, followed by its intermediates.
    package func enrol(
        authorities: [Certificate], signers: [[Certificate]], witness: String?
    ) throws -> (change: RegistryChanged, certificates: [Certificate]) {
        try enrol(
            authorities: authorities, signers: signers, witness: witness,
            none: RegistryError(
                .unavailable, "all that is named is on a list of \(party) already, or was taken off it",
                hint: "'bitim keys list' shows what is listed"))
    }

    private func enrol(
        authorities: [Certificate], signers: [[Certificate]], witness: String?, none: RegistryError
    ) throws -> (change: RegistryChanged, certificates: [Certificate]) {
        let listed = Set(
            (constitution[party]?.signers.map(\.certificate) ?? []) + (constitution[party]?.authorities ?? [])
        ).union(withdrawn)
        let isListed = { (certificate: Certificate) in listed.contains(ContentDigest(certificate.fingerprint)) }
        var seen: Set<SHA256Digest> = []
        let authorities = authorities.filter { !isListed($0) && seen.insert($0.fingerprint).inserted }
        let signers = signers.filter { chain in
            chain.first.map { !isListed($0) && seen.insert($0.fingerprint).inserted } ?? false
        }
        var quorum: Quorum?
        if let key = witness, !constitution.quorum.witnesses.contains(where: { $0.key == key }) {
            try Self.requireCosignatureKey(key)
            let old = try constitution.onlyWitness(of: party).key
            quorum = try KeyRotation.quorum(constitution.quorum, replacing: old, with: key)
        }
        guard !authorities.isEmpty || !signers.isEmpty || quorum != nil else { throw none }
        let change = RegistryChanged(
            authorities: authorities.map { AuthorityChange(.add, ContentDigest($0.fingerprint), of: party) },
            signers: try signers.compactMap(\.first).map { .add(try KeyRotation.listed($0), to: party) },
            quorum: quorum)
        return (change, authorities + signers.flatMap(\.self))
    }

    package static func requireCosignatureKey(_ text: String) throws {
        guard let key = try? VerifierKey(parsing: text), key.type == .ed25519Cosignature else {
            throw RegistryError(
                .usage, "the witness's key is not a cosignature key (C2SP signed-note, type 0x04)",
                hint: "it is one line, <name>+<key id>+<base64>, as in keys/<party>/witness.vkey")
        }
    }

    // MARK: Off the lists

    /// - Parameter target: `signer-1`, `authority`, or a certificate's fingerprint.
    package func withdraw(_ target: String, _ action: ListChange) throws -> RegistryChanged {
        guard let member = constitution[party] else { return RegistryChanged() }
        let certificate = try certificate(target, member)
        let authorityKeys = try authorityKeys()
        guard
            member.authorities.contains(certificate)
                || member.signers.contains(where: { $0.certificate == certificate })
        else {
            throw RegistryError(
                .unavailable, "\(certificate) is on no list of \(party)", hint: "'bitim keys list' shows what is listed"
            )
        }
        var affected: Set<ContentDigest> = [certificate]
        let key = authorityKeys[certificate] ?? member.signers.first { $0.certificate == certificate }?.publicKey
        if action == .revoke, let key {
            // A stolen key is stolen under every certificate that it has.
            affected.formUnion(member.signers.filter { $0.publicKey == key }.map(\.certificate))
            affected.formUnion(member.authorities.filter { authorityKeys[$0] == key })
        }
        return RegistryChanged(
            authorities: member.authorities.filter(affected.contains).map { AuthorityChange(action, $0, of: party) },
            signers: member.signers.map(\.certificate).filter(affected.contains).map {
                action == .revoke ? .revoke($0, of: party) : .retire($0, of: party)
            })
    }

    /// Of those authorities of the party whose certificates are in `keys/`.
    private func authorityKeys() throws -> [ContentDigest: SubjectPublicKeyInfo] {
        Dictionary(
            try keys.authorities(party).map {
                (
                    ContentDigest($0.fingerprint),
                    SubjectPublicKeyInfo(derBytes: try $0.publicKey.subjectPublicKeyInfo())
                )
            }
        ) { first, _ in first }
    }

    private func certificate(_ target: String, _ member: RegistryParty) throws -> ContentDigest {
        if let digest = ContentDigest(text: target) { return digest }
        if target == "authority" {
            guard member.authorities.count == 1 else {
                throw RegistryError(
                    .usage, "\(party) has \(member.authorities.count) authorities",
                    hint: "name one by its fingerprint: 'bitim keys list' shows them")
            }
            return member.authorities[0]
        }
        if target.hasPrefix("signer-"), let number = Int(target.dropFirst(7)) {
            guard
                let found = try keys.numberedSigners(party).first(where: { $0.number == number })?.certificates.first
            else {
                throw RegistryError(
                    .unavailable, "there is no \(keys.fullPath(KeysFolder.signerName(party, number)))",
                    hint: "'bitim keys list' shows the signers; a fingerprint does as well")
            }
            return ContentDigest(found.fingerprint)
        }
        throw RegistryError(
            .usage, "'\(target)' is neither signer-N nor authority nor a fingerprint",
            hint: "a witness's or the log's key is replaced with 'bitim keys rotate'")
    }
}
