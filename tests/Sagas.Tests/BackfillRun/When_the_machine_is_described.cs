using System.Runtime.CompilerServices;

namespace Sagas.Tests.BackfillRun;

internal sealed class When_the_machine_is_described
{
    private static readonly string Document = File.ReadAllText(PathTo("../../../Sagas/BackfillRun/BackfillRun.md"));

    [Test]
    public void Should_show_the_graph_of_the_machine() => ShouldHold("graph", GraphDrawing.Graph(MachineMap.Edges, MachineMap.States));

    [Test]
    public void Should_list_what_each_state_takes_in() => ShouldHold("stays", GraphDrawing.Stays(MachineMap.Edges, MachineMap.States));

    [Test]
    public void Should_tell_the_operator_about_every_state() => Assert.Multiple(() =>
    {
        foreach (var state in MachineMap.States)
        {
            Assert.That(Document, Does.Contain($"| **{state}** |"));
        }
    });

    /// <summary>The document is the approved version; what the machine says now is left beside the test's output, to be approved or not.</summary>
    private static void ShouldHold(string part, string drawn)
    {
        var (begin, end) = ($"<!-- {part} -->", $"<!-- /{part} -->");
        var from = Document.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var to = Document.IndexOf(end, StringComparison.Ordinal);
        var received = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"BackfillRun.{part}.received.md");
        File.WriteAllText(received, drawn);
        Assert.That(Document[from..to].Trim(), Is.EqualTo(drawn), $"the machine changed: if it should, put {received} into BackfillRun.md");
    }

    private static string PathTo(string relative, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, relative);
}
