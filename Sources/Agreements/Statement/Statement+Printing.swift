extension Statement {
    var json: CanonicalJSON {
        var printer = ObjectPrinter()
        printer.text("agreement", agreement)
        printer.value("body", event.body)
        printer.string("event", event.name)
        printer.text("expires", expires)
        printer.string("ledger", ledger.text)
        printer.text("previous", previous)
        printer.object("tree", tree)
        printer.integer("version", Int64(version))
        return printer.json
    }
}
