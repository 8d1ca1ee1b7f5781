namespace IntegrationHub.Hub.Cli;

/// <summary>Query strings.</summary>
internal static class Query
{
    /// <summary>Leaves out what has no value; empty when nothing is left.</summary>
    public static string Of(params IEnumerable<(string Name, string? Value)> members)
    {
        var set = members.Where(member => !string.IsNullOrEmpty(member.Value)).Select(member => $"{member.Name}={Uri.EscapeDataString(member.Value!)}").ToList();
        return set.Count == 0 ? "" : $"?{string.Join('&', set)}";
    }
}
