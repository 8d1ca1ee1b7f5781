using System.Globalization;
using System.Text;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze;
using IntegrationHub.Connectors.HubSpot;
using IntegrationHub.Connectors.Marketo;
using IntegrationHub.Hub.Tests.Docs;

namespace Connectors.Tests.Compatibility;

/// <summary>What each vendor may answer, and what the hub makes of it, stands on one page: made from the tables by which connectors judge.</summary>
public sealed class When_an_error_is_looked_up
{
    private const string Introduction = """
        # What vendors answer, and what the hub makes of it

        Made by a test from the tables by which the connectors judge answers. What to do about a code stands in the [runbook](../runbooks/reason-codes.md). The first row that fits counts. *Halves*: a call of several records that is refused so is
        sent again in halves, so that one record does not condemn the others. An answer that stands in no row is tried again and becomes a dead letter in the end: it is never taken for success.
        """;

    [Test]
    public void Should_be_what_the_tables_say()
    {
        var page = new StringBuilder(Introduction).Append('\n');
        Begin(page, "Braze", "HTTP status", "Message or code");
        foreach (var row in BrazeOutcomes.Requests.Concat(BrazeOutcomes.Records).Concat(BrazeOutcomes.Renames))
        {
            Add(page, row.Status?.ToString(CultureInfo.InvariantCulture) ?? "201", row.Text ?? "any", $"{Sentence(row.Verdict.Outcome)}{Of(row.Verdict.Trouble)}{Halves(row.Verdict.Split)}", row.Verdict.Code, row.Reason, row.Page);
        }

        Begin(page, "HubSpot", "HTTP status", "Code, category or policy");
        foreach (var row in HubSpotOutcomes.Rows)
        {
            var status = row switch
            {
                { Status: null } => "any",
                { Status: < 0 } => "no answer",
                { LastStatus: { } last } => $"{row.Status} to {last}",
                _ => $"{row.Status}",
            };
            Add(page, status, row.Signal ?? "any", $"{Sentence(row.Verdict)}{(row.Verdict == Verdict.Stop ? Of(row.Trouble) : "")}{Halves(row.Split)}{(row.UntilMidnight ? ", until midnight of the account" : row.Wait is { } wait ? $", wait {wait:c}" : "")}", row.Code, row.Reason, row.Page);
        }

        Begin(page, "Adobe Marketo Engage", "Code", "Which concerns");
        foreach (var row in MarketoOutcomes.Rows.Values.OrderBy(row => row.Code, StringComparer.Ordinal))
        {
            Add(page, row.Code, row.ConcernsThisWorkOnly ? "this work alone" : row.Trouble is null ? "the record" : "the destination", $"{Sentence(row.Outcome)}{Of(row.Trouble)}{Halves(row.Split)}{(row.Wait == Wait.HubDecides ? "" : $", wait: {Words(row.Wait)}")}", row.ReasonCode, row.Reason, row.Page);
        }

        ReferencePage.ShouldBe("errors", page.ToString());
    }

    private static void Begin(StringBuilder page, string vendor, string first, string second) =>
        page.Append(CultureInfo.InvariantCulture, $"\n## {vendor}\n\n| {first} | {second} | What the hub does | Reason code | Why | Page |\n|---|---|---|---|---|---|\n");

    private static void Add(StringBuilder page, string first, string second, string does, string? code, string why, Uri source) =>
        page.Append(CultureInfo.InvariantCulture, $"| {first} | {ReferencePage.Cell(second)} | {does} | {(code is null ? "the vendor's" : $"`{code}`")} | {ReferencePage.Cell(why)} | [vendor]({source}) |\n");

    private static string Sentence(Outcome outcome) => outcome switch
    {
        Outcome.Rejected => "refuses the record",
        Outcome.RetryLater => "tries the record again",
        Outcome.NotSent => "sends nothing for now",
        _ => Words(outcome),
    };

    private static string Sentence(Verdict verdict) => verdict switch
    {
        Verdict.Reject => "refuses the record",
        Verdict.Retry => "tries the record again",
        Verdict.Adopt => "updates the contact that has the address",
        Verdict.Unchanged => "takes it as done",
        _ => "sends nothing for now",
    };

    private static string Of(DestinationTrouble? trouble) => trouble is { } kind ? $"; destination: {Words(kind)}" : "";

    private static string Halves(bool split) => split ? "; halves first" : "";

    private static string Words<T>(T value)
        where T : struct, Enum => string.Concat(value.ToString().Select((letter, place) => char.IsUpper(letter) ? $"{(place > 0 ? " " : "")}{char.ToLowerInvariant(letter)}" : $"{letter}"));
}
