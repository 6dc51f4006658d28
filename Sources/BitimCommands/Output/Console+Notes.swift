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
        message(
            "note: \(pending.head.size - ledger.publishedHead.size) more entries are pending, and wait for "
                + pending.missing.joined(separator: ", "))
    }
}
