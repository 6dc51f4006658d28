internal import BitimCommands

@main
struct Main {
    static func main() async {
        await BitimProgram.run()
    }
}
