using System.Text;

namespace Sagas.Tests.AudienceSync;

/// <summary>Draws the machine as Mermaid, and lists what a state takes in without leaving.</summary>
internal static class GraphDrawing
{
    public static string Graph()
    {
        var text = new StringBuilder("```mermaid\nstateDiagram-v2\n");
        foreach (var arrow in MachineMap.Edges
            .Where(edge => edge.From != edge.To)
            .OrderBy(edge => Place(edge.From)).ThenBy(edge => Place(edge.To))
            .GroupBy(edge => (edge.From, edge.To)))
        {
            text.Append($"    {Name(arrow.Key.From)} --> {arrow.Key.To} : {string.Join(", ", arrow.Select(edge => edge.Message))}\n");
        }

        foreach (var end in MachineMap.States.Where(state => MachineMap.Edges.All(edge => edge.From != state || edge.To == state)))
        {
            text.Append($"    {end} --> [*]\n");
        }

        return text.Append("```").ToString();
    }

    public static string Stays()
    {
        var text = new StringBuilder("| State | Takes in and stays |\n|---|---|\n");
        foreach (var state in MachineMap.States)
        {
            var messages = MachineMap.Edges.Where(edge => edge.From == state && edge.To == state).Select(edge => edge.Message);
            text.Append($"| {state} | {string.Join(", ", messages)} |\n".Replace("|  |", "| |", StringComparison.Ordinal));
        }

        return text.ToString().TrimEnd();
    }

    private static int Place(string state) => state == "Initial" ? -1 : MachineMap.States.ToList().IndexOf(state);

    private static string Name(string state) => state == "Initial" ? "[*]" : state;
}
