/// Why an index cannot be used: it is made anew then, or done without.
package struct IndexFault: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
