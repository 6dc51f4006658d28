import Testing
import TransparencyLog

@testable import BitimServer

/// What the server makes of what clients write.
@Suite struct ResourceTests {
    @Test(arguments: [
        ("bytes=0-0", 0..<1), ("bytes=0-9", 0..<10), ("bytes=5-", 5..<10), ("bytes=-3", 7..<10), ("bytes=-99", 0..<10),
        ("bytes=007-9", 7..<10), ("bytes=9-100", 9..<10), ("bytes=0-999999999999999999", 0..<10),
    ])
    func `A range is cut to the file`(text: String, range: Range<Int>) {
        #expect(ByteRange(text)?.within(10) == range)
    }

    @Test(arguments: ["bytes=10-", "bytes=-0", "bytes=99-100"])
    func `A range beyond the file is told`(text: String) throws {
        #expect(try #require(ByteRange(text)).within(10) == nil)
    }

    @Test(arguments: [
        "bytes=", "bytes=-", "bytes=1", "bytes=2-1", "bytes=a-b", "bytes=1-2,3-4", "bytes= 1-2", "octets=1-2", "1-2",
        "bytes=9999999999999999999-", "bytes=--1", "bytes=+1-2",
    ])
    func `What is no single range is none`(text: String) { #expect(ByteRange(text) == nil) }

    @Test func `A tile is within a tree that has all of it`() throws {
        func tile(_ path: String) throws -> TilePath { try #require(TilePath(path: path)) }
        for (path, size) in [
            ("tile/0/000.p/5", Int64(5)), ("tile/entries/000.p/255", 255), ("tile/0/000", 256), ("tile/1/000.p/1", 256),
            ("tile/1/000.p/2", 512), ("tile/0/001.p/44", 300), ("tile/2/000.p/1", 65_536), ("tile/1/000", 65_536),
        ] {
            #expect(try tile(path).isWithin(treeSize: size), "\(path)")
            #expect(try !tile(path).isWithin(treeSize: size - 1), "\(path)")
            #expect(try tile(path).isWithin(treeSize: .max), "\(path)")
        }
        #expect(try !tile("tile/8/000.p/1").isWithin(treeSize: .max))
    }

    @Test func `An address to listen at is a host and a port`() {
        for text in ["127.0.0.1:8080", "[::1]:0", "localhost:65535"] { #expect(ListenAddress(text) != nil, "\(text)") }
        for text in ["8080", ":8080", "127.0.0.1", "127.0.0.1:65536", "127.0.0.1:-1", "::1:80", "[::1]", "a:b", ""] {
            #expect(ListenAddress(text) == nil, "\(text)")
        }
    }
}
