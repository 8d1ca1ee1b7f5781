using System.Runtime.CompilerServices;
using System.Text;
using IntegrationHub.Sagas.Erasure;
using MassTransit;
using MassTransit.SagaStateMachine;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Sagas.Tests.Erasure;

internal sealed class When_the_machine_is_described
{
    private static readonly ErasureStateMachine Machine = new(TimeProvider.System, Options.Create(new ErasureOptions()), NullLogger<ErasureStateMachine>.Instance);
    private static readonly string Document = File.ReadAllText(PathTo("../../../Sagas/Erasure/Erasure.md"));

    [Test]
    public void Should_show_the_graph_of_the_machine()
    {
        var (begin, end) = ("<!-- graph -->", "<!-- /graph -->");
        var from = Document.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var received = Path.Combine(TestContext.CurrentContext.WorkDirectory, "Erasure.graph.received.md");
        File.WriteAllText(received, Graph());
        Assert.That(Document[from..Document.IndexOf(end, StringComparison.Ordinal)].Trim(), Is.EqualTo(Graph()), $"the machine changed: if it should, put {received} into Erasure.md");
    }

    [Test]
    public void Should_tell_the_operator_about_every_state() => Assert.Multiple(() =>
    {
        foreach (var state in Machine.States.Where(state => state != Machine.Initial && state != Machine.Final))
        {
            Assert.That(Document, Does.Contain($"| **{state.Name}** |"));
        }
    });

    [Test]
    public void Should_have_an_answer_to_every_message_in_every_state() => Assert.Multiple(() =>
    {
        foreach (var state in Machine.States.Where(state => state != Machine.Initial && state != Machine.Final))
        {
            var answered = Machine.NextEvents(state).Select(e => e.Name).ToHashSet();
            Assert.That(Machine.Events.Select(e => e.Name).Where(name => !name.Contains("Enter", StringComparison.Ordinal) && !name.Contains("Leave", StringComparison.Ordinal) && !name.EndsWith(".AnyReceived", StringComparison.Ordinal)).Except(answered), Is.Empty, state.Name);
        }
    });

    /// <summary>Which message may lead from which state to which.</summary>
    private static string Graph()
    {
        var graph = Machine.GetGraph();
        var arrows =
            from come in graph.Edges
            where come.From.VertexType == typeof(State) && come.To.VertexType != typeof(State)
            from go in graph.Edges
            where go.From.Equals(come.To) && go.To.VertexType == typeof(State) && go.To.Title != come.From.Title
            select (From: come.From.Title, Message: come.To.Title, To: go.To.Title);
        var text = new StringBuilder("```mermaid\nstateDiagram-v2\n");
        foreach (var arrow in arrows.Distinct().OrderBy(arrow => arrow.From, StringComparer.Ordinal).ThenBy(arrow => arrow.To, StringComparer.Ordinal).ThenBy(arrow => arrow.Message, StringComparer.Ordinal))
        {
            text.Append($"    {(arrow.From == "Initial" ? "[*]" : arrow.From)} --> {arrow.To} : {arrow.Message}\n");
        }

        return text.Append("```").ToString();
    }

    private static string PathTo(string relative, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, relative);
}
