using System.Text;

namespace Sagas.Tests;

/// <summary>Draws the machine as Mermaid, and lists what a state takes in without leaving.</summary>
internal static class GraphDrawing
{
    public static string Graph(IReadOnlyCollection<Edge> edges, IReadOnlyCollection<string> states)
    {
        var text = new StringBuilder("```mermaid\nstateDiagram-v2\n");
        foreach (var arrow in edges
            .Where(edge => edge.From != edge.To)
            .OrderBy(edge => Place(states, edge.From)).ThenBy(edge => Place(states, edge.To))
            .GroupBy(edge => (edge.From, edge.To)))
        {
            text.Append($"    {Name(arrow.Key.From)} --> {arrow.Key.To} : {string.Join(", ", arrow.Select(edge => edge.Message))}\n");
        }

        foreach (var end in states.Where(state => edges.All(edge => edge.From != state || edge.To == state)))
        {
            text.Append($"    {end} --> [*]\n");
        }

        return text.Append("```").ToString();
    }

    public static string Stays(IReadOnlyCollection<Edge> edges, IReadOnlyCollection<string> states)
    {
        var text = new StringBuilder("| State | Takes in and stays |\n|---|---|\n");
        foreach (var state in states)
        {
            var messages = edges.Where(edge => edge.From == state && edge.To == state).Select(edge => edge.Message);
            text.Append($"| {state} | {string.Join(", ", messages)} |\n".Replace("|  |", "| |", StringComparison.Ordinal));
        }

        return text.ToString().TrimEnd();
    }

    private static int Place(IReadOnlyCollection<string> states, string state) => state == "Initial" ? -1 : states.ToList().IndexOf(state);

    private static string Name(string state) => state == "Initial" ? "[*]" : state;
}
