package import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// Brings the public files in `keys/` to what the published ledger says: they follow from the identity that is pinned.
package struct KeysUpdate {
    private let ledger: OpenedLedger
    private let certificates: CertificateStore

    package init(_ ledger: OpenedLedger) {
        self.ledger = ledger
        certificates = CertificateStore(ledger.registry)
    }

    private var keys: KeysFolder { ledger.keys }

    /// - Returns: the files that were written, relative to the keys folder.
    package func write() throws -> [String] {
        guard ledger.pinnedIdentity != nil else {
            throw RegistryError(
                .refused, "no identity is pinned in \(keys.path), so nothing follows from it",
                hint: "write the registry's identity, known from elsewhere, to \(keys.path)/identity")
        }
        try ledger.history.requireRecognised()
        var written: [String] = []
        for former in ledger.history.formerPolicies where former.lastSize < ledger.publishedHead.size {
            let name = KeysFolder.policyName(toSize: former.lastSize)
            guard Files.kind(keys.fullPath(name)) == nil else { continue }
            try keys.files.create(name, with: former.policy.bytes)
            written.append(name)
        }
        let kept = (try? keys.currentPolicy()).flatMap { $0 }
        if !(kept?.agrees(with: ledger.policy) ?? false) {
            try keys.files.replace(KeysFolder.policyName, with: ledger.policy.reachable(as: kept).bytes)
            written.append(KeysFolder.policyName)
        }
        for party in ledger.constitution.parties { written += try write(party) }
        return written
    }

    private func write(_ party: RegistryParty) throws -> [String] {
        var written: [String] = []
        func put(_ name: String, _ bytes: [UInt8]) throws {
            guard (try? Files.read(keys.fullPath(name), maximumBytes: 1 << 20)) != bytes else { return }
            try keys.files.replace(name, with: bytes)
            written.append(name)
        }
        func pem(_ digests: [ContentDigest]) throws -> [UInt8]? {
            let held = digests.compactMap { certificates[$0] }
            guard held.count == digests.count, !held.isEmpty else { return nil }
            return try held.flatMap { try $0.pem() }
        }
        let former = Withdrawn(ledger, of: party.party)
        let known = try keys.authorities(party.party).map { ContentDigest($0.fingerprint) }
        let wanted = party.authorities + former.retiredAuthorities
        if Set(known) != Set(wanted), let bytes = try pem(wanted) {
            try put(KeysFolder.authorityName(party.party), bytes)
        }
        let revoked = Set(try keys.revoked(party.party).map { ContentDigest($0.fingerprint) })
        if former.revoked.isEmpty, !revoked.isEmpty {
            // The revocation was taken back.
            keys.files.remove(KeysFolder.revokedName(party.party))
            written.append(KeysFolder.revokedName(party.party))
        } else if revoked != Set(former.revoked), let bytes = try pem(former.revoked) {
            try put(KeysFolder.revokedName(party.party), bytes)
        }
        let witnesses = ledger.constitution.quorum.witnesses.filter { $0.party == party.party }.map(\.key)
        if let key = witnesses.first, !witnesses.contains(try keys.witnessKey(party.party) ?? "") {
            try put(KeysFolder.witnessName(party.party), Array("\(key)\n".utf8))
        }
        written += try writeSigners(party)
        try keys.removePrepared(
            party.party, listed: Set(party.authorities + party.signers.map(\.certificate)), witnesses)
        return written
    }

    /// A new signer gets the number that its key was prepared under, or the next free one: another desk of the party may
    /// have been faster.
    private func writeSigners(_ party: RegistryParty) throws -> [String] {
        var written: [String] = []
        let known = try keys.numberedSigners(party.party)
        let prepared = try keys.preparedSigners(party.party)
        let held = Set(known.compactMap(\.certificates.first).map { ContentDigest($0.fingerprint) })
        var taken = Set(known.map(\.number))
        let new = party.signers.filter { !held.contains($0.certificate) }
        func waiting(_ signer: RegistrySigner) -> KeysFolder.NumberedSigner? {
            prepared.first { $0.certificates.first.map { ContentDigest($0.fingerprint) } == signer.certificate }
        }
        // Those with a number of their own first.
        for signer in new.filter({ waiting($0) != nil }) + new.filter({ waiting($0) == nil }) {
            guard let certificate = certificates[signer.certificate] else { continue }
            var number = waiting(signer)?.number ?? 1
            while taken.contains(number) { number += 1 }
            taken.insert(number)
            let name = KeysFolder.signerName(party.party, number)
            let bytes = try (waiting(signer)?.certificates ?? [certificate]).flatMap { try $0.pem() }
            try keys.files.create(name, with: bytes)
            written.append(name)
        }
        return written
    }
}

/// The certificates of a party that went off its lists, as far as it is published.
struct Withdrawn {
    let retiredAuthorities: [ContentDigest]
    let revoked: [ContentDigest]

    init(_ ledger: OpenedLedger, of party: PartyID) {
        let state = ledger.history.state
        let size = ledger.publishedHead.size
        let authorities = Set(
            state.epochs.filter { $0.entry < size }.flatMap { $0.constitution[party]?.authorities ?? [] })
        let gone = state.withdrawals.filter { $0.value.party == party && $0.value.entry < size }
        retiredAuthorities = gone.filter { $0.value.action == .retire && authorities.contains($0.key) }.keys.sorted()
        revoked = gone.filter { $0.value.action == .revoke }.keys.sorted()
    }
}

extension OpenedLedger {
    /// The parties that revoked an authority of theirs after that entry, ascending.
    package func partiesRevokingAuthorities(after entry: Int64) -> [PartyID] {
        let state = history.state
        let authorities = Set(state.epochs.flatMap(\.constitution.parties).flatMap(\.authorities))
        let later = state.withdrawals.filter { certificate, withdrawal in
            withdrawal.action == .revoke && withdrawal.entry > entry && authorities.contains(certificate)
        }
        return Set(later.values.map(\.party)).sorted()
    }
}
