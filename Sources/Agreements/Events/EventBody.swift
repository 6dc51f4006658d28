/// The body of one kind of event.
protocol EventBody: StatementObject {
    /// Such as `agreement.registered`.
    static var eventName: String { get }
}
