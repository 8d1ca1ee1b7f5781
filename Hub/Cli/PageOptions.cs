using System.CommandLine;

namespace IntegrationHub.Hub.Cli;

/// <summary>How much of a list is asked for.</summary>
internal sealed class PageOptions
{
    private PageOptions(int usual)
    {
        Limit = new Option<int>("--limit") { Description = "At most so many; 0 for all.", DefaultValueFactory = _ => usual };
        Limit.Validators.Add(given =>
        {
            if (given.Tokens.Count > 0 && given.GetValueOrDefault<int>() < 0)
            {
                given.AddError("--limit is not a number from 0.");
            }
        });
    }

    public Option<int> Limit { get; }

    public Option<string?> After { get; } = new("--after") { Description = "Go on there: what this list said last.", HelpName = "PLACE" };

    /// <param name="usual">How many where nobody says it.</param>
    public static PageOptions Create(int usual = 100) => new(usual);
}
