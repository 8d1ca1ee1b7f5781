using System.Runtime.CompilerServices;

namespace Sagas.Tests;

[TestFixtureSource(typeof(MachineMap), nameof(MachineMap.All))]
internal sealed class When_a_machine_is_described(MachineMap machine)
{
    private readonly string _document = File.ReadAllText(PathTo($"../../Sagas/{machine.Saga}/{machine.Saga}.md"));

    [Test]
    public void Should_show_the_graph_of_the_machine() => ShouldHold("graph", GraphDrawing.Graph(machine.Edges, machine.States));

    [Test]
    public void Should_list_what_each_state_takes_in() => ShouldHold("stays", GraphDrawing.Stays(machine.Edges, machine.States));

    [Test]
    public void Should_tell_the_operator_about_every_state() => Assert.Multiple(() =>
    {
        foreach (var state in machine.States)
        {
            Assert.That(_document, Does.Contain($"| **{state}** |"));
        }
    });

    /// <summary>The document is the approved version; what the machine says now is left beside the test's output, to be approved or not.</summary>
    private void ShouldHold(string part, string drawn)
    {
        var (begin, end) = ($"<!-- {part} -->", $"<!-- /{part} -->");
        var from = _document.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var to = _document.IndexOf(end, StringComparison.Ordinal);
        var received = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{machine.Saga}.{part}.received.md");
        File.WriteAllText(received, drawn);
        Assert.That(to < 0 ? "" : _document[from..to].Trim(), Is.EqualTo(drawn), $"the machine changed: if it should, put {received} into {machine.Saga}.md");
    }

    private static string PathTo(string relative, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, relative);
}
