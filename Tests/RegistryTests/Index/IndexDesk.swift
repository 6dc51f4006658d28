import Agreements
import Registry
import Support
import Testing
import TiledLog

/// Reads a registry with and without its index, however small it is.
struct IndexDesk {
    let registry: RegistryFolder
    let keys: KeysFolder
    let now: Int64

    init(_ registry: ScratchRegistry) {
        self.init(registry: registry.registry, keys: registry.keys, now: registry.now)
    }

    init(_ copy: RegistryCopy) { self.init(registry: copy.registry, keys: copy.keys, now: copy.now) }

    private init(registry: RegistryFolder, keys: KeysFolder, now: Int64) {
        self.registry = registry
        self.keys = keys
        self.now = now
    }

    var path: String { registry.fullPath(RegistryFolder.indexName) }

    func read(_ selection: RegistryReading.Selection, indexed: Bool) async throws -> RegistryReading {
        try await IndexUse.$smallestSize.withValue(indexed ? 1 : .max) {
            try await RegistryReading.read(registry: registry, keys: keys, selection: selection, now: now)
        }
    }

    /// Everything that can be asked for is answered alike.
    func expectSameAnswers(_ isIndexed: Bool = true) async throws {
        let whole = try await read(.all, indexed: false)
        let unknown = AgreementID("NOT-THERE")!
        try await expectSameLives(of: whole.state.agreements.map(\.id) + [unknown], isIndexed)
        for agreement in whole.state.agreements {
            for word in SearchText.words(in: String(decoding: agreement.searchText, as: UTF8.self)) {
                let found = try await read(.search([word]), indexed: true)
                let named = found.agreements.filter { SearchText.has([word], in: $0.searchText) }
                let expected = whole.state.agreements.filter { SearchText.has([word], in: $0.searchText) }
                #expect(named == expected, "\(word)")
            }
        }
        for judged in whole.judged {
            for document in judged.entry.statement?.event.documents ?? [] {
                guard let digest = document.digest, let id = judged.entry.statement?.agreement else { continue }
                let found = try await read(.content([digest]), indexed: true)
                #expect(found.judged.contains { $0.index == judged.index })
                expectSame(found, try await read(.agreements([id]), indexed: false), of: id)
            }
            if let statement = judged.entry.statementDigest {
                let found = try await read(.content([statement]), indexed: true)
                #expect(found.judged.contains { $0.index == judged.index })
            }
        }
    }

    func expectSameLives(of agreements: [AgreementID], _ isIndexed: Bool = true) async throws {
        for id in agreements {
            let expected = try await read(.agreements([id]), indexed: false)
            let found = try await read(.agreements([id]), indexed: true)
            #expect(found.restsOnIndex == isIndexed)
            expectSame(found, expected, of: id)
        }
    }

    private func expectSame(_ found: RegistryReading, _ expected: RegistryReading, of id: AgreementID) {
        #expect(found.state.agreement(id) == expected.state.agreement(id))
        #expect(found.state.registry == expected.state.registry)
        #expect(found.state.voidedEntries == expected.state.voidedEntries)
        #expect(found.state.size == expected.state.size)
        #expect(found.state.agreementCount == expected.state.agreementCount)
        #expect(found.judged.map(\.index) == expected.judged.map(\.index))
        #expect(found.judged.map(\.findings) == expected.judged.map(\.findings))
        #expect(found.judged.map(\.proved) == expected.judged.map(\.proved))
        #expect(found.foundations == expected.foundations)
    }
}
