namespace IntegrationHub.Hub.Console.Deeds;

/// <summary>Something that people may do at a page: a command of the API, behind a form that says what would come of it.</summary>
/// <param name="Name">Name in addresses, as <c>cancel-run</c>.</param>
/// <param name="Scope">What the command needs.</param>
/// <param name="Said">What was asked for, for the page afterwards.</param>
/// <param name="DescribeAsync">What would come of it now.</param>
internal sealed record Deed(string Name, string Scope, string Said, Func<Ask, Task<Effect>> DescribeAsync)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Deed> All { get; } = [.. RunDeeds.All, .. BackfillDeeds.All, .. ApprovalDeeds.All, .. ChangeDeeds.All, .. LetterDeeds.All, .. PlaceDeeds.All];

    /// <summary>One by its name, or null.</summary>
    public static Deed? Find(string name) => All.FirstOrDefault(deed => deed.Name == name);
}
