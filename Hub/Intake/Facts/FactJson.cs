using System.Text.Json.Serialization;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>What became of the facts of one call.</summary>
/// <param name="Accepted">New facts.</param>
/// <param name="Duplicates">Facts that were known by their id; they change nothing.</param>
/// <param name="Quarantined">Facts that are wrong; they are kept aside and not in force, except that a withdrawal holds as far as it can be read.</param>
/// <param name="Results">One for each fact, in the order of the call.</param>
internal sealed record FactsJson(
    [property: JsonPropertyName("accepted")] int Accepted,
    [property: JsonPropertyName("duplicates")] int Duplicates,
    [property: JsonPropertyName("quarantined")] int Quarantined,
    [property: JsonPropertyName("results")] IReadOnlyList<FactJson> Results)
{
    /// <summary>Shows verdicts.</summary>
    public static FactsJson From(IReadOnlyList<FactVerdict> verdicts)
    {
        FactJson[] results = [.. verdicts.Select(FactJson.From)];
        return new FactsJson(results.Count(result => result.Status == FactJson.Accepted), results.Count(result => result.Status == FactJson.Duplicate), results.Count(result => result.Status == FactJson.Quarantined), results);
    }
}

/// <summary>What became of a fact. Never holds a value of it.</summary>
/// <param name="Index">Its place in the call, from 0.</param>
/// <param name="EventId">Its id as far as it could be read, else null.</param>
/// <param name="Status">One of <c>accepted</c>, <c>duplicate</c>, <c>quarantined</c>, <c>erased</c>.</param>
/// <param name="QuarantineId">Where it is kept when it is quarantined, else null.</param>
/// <param name="Path">The failing field; empty for the fact as a whole, null when nothing is wrong.</param>
/// <param name="Code">Reason code, or null.</param>
/// <param name="Problem">What is wrong and what to write instead, or null; continues a sentence that begins with the path.</param>
/// <param name="LeftOut">Properties of a fact that was taken in that its schema does not know, and attributes that belong to another source or that may not be changed so; they were left out. Null when there are none.</param>
internal sealed record FactJson(
    [property: JsonPropertyName("index")] int Index,
    [property: JsonPropertyName("event_id")] string? EventId,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("quarantine_id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? QuarantineId,
    [property: JsonPropertyName("path"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Path,
    [property: JsonPropertyName("code"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Code,
    [property: JsonPropertyName("problem"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Problem,
    [property: JsonPropertyName("left_out"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? LeftOut = null)
{
    public const string Accepted = "accepted";
    public const string Duplicate = "duplicate";
    public const string Quarantined = "quarantined";

    /// <summary>It names somebody who was erased, and was not kept.</summary>
    public const string Erased = Tombstones.Erased;

    /// <summary>Shows a verdict.</summary>
    public static FactJson From(FactVerdict verdict, int index) => verdict.IsErased
        ? new FactJson(index, verdict.Fact?.EventId.ToString() ?? verdict.Quarantined?.EventId, Erased, null, null, Tombstones.Erased, "The person was erased and asked to stay so; nothing of this fact is kept. Stop sending facts about the person.")
        : verdict.Quarantined is { } wrong
        ? new FactJson(index, wrong.EventId, Quarantined, wrong.QuarantineId, wrong.Path, wrong.Code, wrong.Problem)
        : new FactJson(index, verdict.Fact!.EventId.ToString(), verdict.IsRepeat ? Duplicate : Accepted, null, null, null, null, LeftOutOf(verdict));

    private static string[]? LeftOutOf(FactVerdict verdict) =>
        verdict.Violations.Where(violation => violation.Action == Violation.Omit).Select(violation => violation.Path).ToArray() is { Length: > 0 } leftOut ? leftOut : null;
}
