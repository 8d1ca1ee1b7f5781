using System.Text.RegularExpressions;

namespace IntegrationHub.Hub.Tests.Docs;

/// <summary>Every line that the hub can log names the thing that it is about, and nothing that could tell of a person.</summary>
public sealed partial class When_a_log_line_is_written
{
    /// <summary>What a line can be about.</summary>
    private static readonly string[] Things =
        ["RunId", "Destination", "Audience", "SnapshotId", "QuarantineId", "EventId", "FactId", "Loop", "TokenId", "OutboxId", "Rows", "Name", "Schedule", "ActionId", "ApprovalId", "RequestId", "Command", "EventType", "Version"];

    /// <summary>Lines about the process as a whole; the log's instance names it.</summary>
    private static readonly string[] OfTheInstance =
    [
        "When {Keys} API keys were used last", "The hub could not look for its own jobs", "Nobody could look for memberships that are held", "The broker sends no facts", "Could not go on with actions on dead letters", "The doorbell sweeper could not look for work", "The windows of backfills could not be looked after", "Could not ring for changes of people and memberships", "The log's partitions of the next weeks are not made", "Runs that were not over at the start could not be reminded", "Took in a batch of facts", "{Grants} grants of consent have ended", "Of {Count} facts that were set aside because nobody", "Facts that were set aside because nobody", "{Count} merges that producers stated", "What grants of consent have ended", "{Count} consumptions could not be marked",
        "Which version of the configuration is in force could not be asked", "This hub sends nothing",
        "A version of the configuration and other work waited for each other", "Putting a version of the configuration in force and other work waited",
        "{Count} messages of a consumer could not be sent", "Sent {Count} messages that consumers had left", "{Count} messages that consumers left in the outbox",
    ];

    private static readonly string[] Personal = ["Email", "Phone", "ExternalId", "Key", "Person", "Subject", "Body", "Value", "Attributes", "Token"];

    private static readonly List<string> Lines =
    [
        .. new[] { "Hub", "Sagas", "Connectors/Abstractions", "Connectors/Braze", "Connectors/HubSpot", "Connectors/Marketo" }
            .SelectMany(room => Directory.GetFiles(Path.Combine(Runbook.Root(), room), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => Template().Matches(File.ReadAllText(file)).Select(template => template.Groups[1].Value)),
    ];

    [Test]
    public void Should_name_its_thing() => Assert.That(
        Lines.Where(line => !OfTheInstance.Any(known => line.StartsWith(known, StringComparison.Ordinal)) && !Placeholders(line).Intersect(Things).Any()), Is.Empty);

    [Test]
    public void Should_hold_nothing_personal()
    {
        Assert.That(Lines, Has.Count.GreaterThan(50), "the scan itself");
        Assert.That(Lines.Where(line => Placeholders(line).Intersect(Personal).Any()), Is.Empty);
    }

    private static IEnumerable<string> Placeholders(string line) => Placeholder().Matches(line).Select(hole => hole.Groups[1].Value);

    [GeneratedRegex("\\[LoggerMessage\\([^\"]*\"((?:[^\"\\\\]|\\\\.)*)\"")]
    private static partial Regex Template();

    [GeneratedRegex(@"\{(\w+)(?::[^}]*)?\}")]
    private static partial Regex Placeholder();
}
