internal import Agreements
internal import Registry
internal import TiledLog

extension Console {
    /// Said with every listing, so that nobody takes a demonstration's signatures for a state's.
    func noteDemonstration(_ ledger: OpenedLedger) {
        if ledger.constitution.demonstration { noteDemonstration() }
    }

    func noteDemonstration() {
        message(
            "note: the keys of this registry are a demonstration's: the parties themselves have signed nothing with it")
    }

    func notePending(_ ledger: OpenedLedger) {
        guard let pending = ledger.pending else { return }
        let rest =
            pending.quorumMet
            ? "'bitim publish' completes them" : "wait for \(pending.waitingFor)"
        message("note: \(pending.head.size - ledger.publishedHead.size) more entries are pending, and \(rest)")
    }

    /// Said with every listing after an event of the registry that cannot be read.
    func noteUnknownVersion(_ ledger: OpenedLedger) {
        guard let entry = ledger.history.unrecognisedEntry else { return }
        message(
            "note: entry \(entry) changed the registry in a version that is not known to this program: nothing after it "
                + "can be judged; use a newer release")
    }
}
