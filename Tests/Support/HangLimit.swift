package import Testing

extension Trait where Self == TimeLimitTrait {
    /// Ends a test that hangs. Waiting for a turn on a machine with few cores counts too, so it says nothing of speed.
    package static var hangLimit: Self { .timeLimit(.minutes(Campaign.isWhole ? 600 : 30)) }
}
