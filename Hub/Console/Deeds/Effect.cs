using System.Text.Json.Nodes;

namespace IntegrationHub.Hub.Console.Deeds;

/// <summary>What would come of something, before it is done: what a form shows, and what it sends.</summary>
/// <param name="Title">What, as <c>Cancel the run customers → hubspot</c>.</param>
/// <param name="Path">The API's path of the command.</param>
/// <param name="Button">The button's words: verb and number.</param>
/// <param name="Back">The page to go to afterwards.</param>
internal sealed record Effect(string Title, string Path, string Button, string Back)
{
    /// <summary>What happens, what stays, and what cannot be taken back; sentences.</summary>
    public IReadOnlyList<string> Lines { get; init; } = [];

    /// <summary>What whoever confirms has seen: members of the command's body. When the hub sees something else by then, it does nothing.</summary>
    public JsonObject Seen { get; init; } = [];

    /// <summary>What is asked for beside.</summary>
    public IReadOnlyList<Field> Fields { get; init; } = [];

    /// <summary>Whether it has to be said why.</summary>
    public bool NeedsReason { get; init; }

    /// <summary>A number that has to be typed, because so much depends on it; null when none has.</summary>
    public long? Typed { get; init; }

    /// <summary>True when it does harm that cannot be taken back.</summary>
    public bool IsDangerous { get; init; }

    /// <summary>Why it cannot be done; null when it can.</summary>
    public string? Impossible { get; init; }

    /// <summary>The page of what the command began, by what it answered; null for the page to go back to.</summary>
    public Func<JsonNode, string?>? LeadsTo { get; init; }

    /// <summary>Above so many records the number is typed.</summary>
    public const long Many = 10_000;

    /// <summary>Says that there is nothing to do it to.</summary>
    public static Effect Of(string title, string back, string? impossible) => new(title, "", "", back) { Impossible = impossible ?? "It is not there." };
}
