internal import Agreements
internal import TiledLog

/// One entry of what was read.
extension RegistryReading {
    /// The checkpoint that the entry waits for; nil when it is published.
    package func pending(_ index: Int64) -> PendingCheckpoint? {
        index >= ledger.publishedHead.size ? ledger.pending : nil
    }

    /// What there is to say of the entry, and of what it rests on; of a pending one, that it is not registered.
    package func findings(of judged: JudgedEntry) -> [Finding] {
        let waiting = pending(judged.index).map {
            [Finding(pendingEntry: judged.index, cosigned: $0.cosigned, missing: $0.missing)]
        }
        let voided = state.voidedEntries[judged.index].map { voiding in
            [Finding(voidedEntry: judged, by: voiding, .failed)]
        }
        let own = judged.findings.map { $0.settled(by: state.voidedEntries) }
        return (own + (voided ?? []) + (waiting ?? []) + foundations)
            .withoutRepetition()
    }
}

extension Finding {
    /// That an entry is of no effect.
    init(voidedEntry judged: JudgedEntry, by voiding: Int64, _ severity: Severity) {
        self.init(
            TrailRow.voidedKey, severity, entry: judged.index, agreement: judged.entry.statement?.agreement?.text,
            actual: "entry \(voiding)", "the entry is of no effect: the parties have voided it")
    }
}
