import Testing

@testable import BitimCommands

@Suite struct CommandWordsTests {
    @Test(arguments: [
        ("lst", "list"), ("aduit", "audit"), ("record", "recorded"), ("suspend", "suspended"),
        ("entered-in-force", "entered-into-force"),
    ])
    func `A slip of the pen is near`(word: String, name: String) { #expect(CommandWords.isNear(word, name)) }

    @Test(arguments: [("show", "prove"), ("a", "add"), ("zzz", "list"), ("", "add"), ("frobnicate", "export")])
    func `Another word is not`(word: String, name: String) { #expect(!CommandWords.isNear(word, name)) }

    @Test func `Options and what follows a whole command are no unknown commands`() {
        #expect(CommandWords(["--json", "list"]).unknown == nil)
        #expect(CommandWords(["verify", "lst"]).unknown == nil)
        #expect(CommandWords([]).unknown == nil)
        #expect(CommandWords(["record", "suspend"]).unknown == "suspend")
        #expect(CommandWords(["record", "suspend"]).path == ["bitim", "record"])
    }
}
