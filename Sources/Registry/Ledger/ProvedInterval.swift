/// Between which times an entry was signed, as far as anyone can prove: POSIX seconds.
package struct ProvedInterval: Hashable, Sendable {
    /// The earliest quorum cosignature of the checkpoint that the statement names; nil for entry 0, which names none.
    package let notBefore: Int64?
    /// When the quorum of the first checkpoint that includes it was complete; nil while it is pending.
    package let notAfter: Int64?

    package init(notBefore: Int64?, notAfter: Int64?) {
        self.notBefore = notBefore
        self.notAfter = notAfter
    }
}
