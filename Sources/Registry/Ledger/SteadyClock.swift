internal import Agreements
internal import TransparencyLog

/// The time of what is cosigned now: never before the last published checkpoint, so that proved times do not go backwards.
enum SteadyClock {
    /// - Throws: where the clock is behind by more than clocks differ.
    static func require(_ now: Int64, after published: Publication?) throws(RegistryError) {
        guard let last = published?.quorumTime, now < last - SignerJudge.clockToleranceSeconds else { return }
        throw RegistryError(
            .unavailable,
            "the clock of this machine is behind: it says \(text(now)), and the last checkpoint was cosigned at \(text(last))",
            hint: "set the clock; nothing is signed before that, for proved times never go backwards")
    }

    /// Whether a witness has cosigned by a clock that is ahead: published, it would stop everybody until then.
    static func isAhead(_ signature: NoteSignature, of now: Int64) -> Bool {
        Cosignature(parsing: signature.bytes).map { $0.time > now + SignerJudge.clockToleranceSeconds } ?? false
    }

    static func time(_ now: Int64, after published: Publication?) -> Int64 { max(now, published?.quorumTime ?? now) }

    private static func text(_ seconds: Int64) -> String { UTCTime(posixSeconds: seconds)?.text ?? "\(seconds)" }
}
