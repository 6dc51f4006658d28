internal import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

extension CheckpointSigning {
    /// The party's witnesses whose keys are here, as the registry names them.
    func cosigners(of party: PartyID) throws -> [Cosigner] {
        let witnesses = constitution.quorum.witnesses.filter { $0.party == party }
        let cosigners = try witnesses.compactMap { witness -> Cosigner? in
            let verifierKey = try VerifierKey(parsing: witness.key)
            let name = vault.witnessKeyFile(party, for: verifierKey)
            guard vault.has(name) else { return nil }
            let cosigner = try Cosigner(name: verifierKey.name, key: vault.key(name, owner: .party(party)))
            return cosigner.verifierKey == verifierKey ? cosigner : nil
        }
        guard !cosigners.isEmpty else { throw vault.noWitnessKey(of: party) }
        return cosigners
    }

    /// Cosigns once more what was cosigned last (C2SP tlog-witness: the same size, with a new time).
    func cosignAgain(_ checkpoint: Checkpoint, party: PartyID, at time: Int64) throws -> [NoteSignature] {
        var state = try SignerState(keys, signer: .witness(party))
        let last = try state.head(origin: origin)
        guard last == TreeHead(size: checkpoint.size, root: checkpoint.root) else {
            throw RegistryError(
                .refused, "the witness of \(party) has cosigned \(last.size) entries, not this tree",
                hint: "what it has not cosigned it checks first")
        }
        try state.remember(last, origin: origin)
        return try cosigners(of: party).map { try $0.sign(checkpoint, time: time) }
    }
}
