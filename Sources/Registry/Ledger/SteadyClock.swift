internal import Agreements

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

    static func time(_ now: Int64, after published: Publication?) -> Int64 { max(now, published?.quorumTime ?? now) }

    private static func text(_ seconds: Int64) -> String { UTCTime(posixSeconds: seconds)?.text ?? "\(seconds)" }
}
