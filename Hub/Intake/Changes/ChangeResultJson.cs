using System.Text.Json.Serialization;
using IntegrationHub.Hub.Intake.Facts;

namespace IntegrationHub.Hub.Intake.Changes;

/// <summary>What became of a change. Never holds a value of it.</summary>
/// <param name="Line">Its place in the call, from 1; blank lines do not count.</param>
/// <param name="Status">One of <c>accepted</c>, <c>duplicate</c>, <c>quarantined</c>.</param>
/// <param name="QuarantineId">Where it is kept when it is quarantined, else null.</param>
/// <param name="Path">The failing field, or null.</param>
/// <param name="Code">Reason code, or null.</param>
/// <param name="Problem">What is wrong and what to write instead, or null; continues a sentence that begins with the path.</param>
internal sealed record ChangeResultJson(
    [property: JsonPropertyName("line")] int Line,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("quarantine_id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? QuarantineId,
    [property: JsonPropertyName("path"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Path,
    [property: JsonPropertyName("code"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Code,
    [property: JsonPropertyName("problem"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Problem)
{
    /// <summary>Of the facts of one change the worst tells.</summary>
    public static ChangeResultJson Of(int place, IReadOnlyList<FactVerdict> verdicts) => verdicts.Any(verdict => verdict.IsErased)
        ? new ChangeResultJson(place + 1, FactJson.Erased, null, null, FactJson.Erased, "The person was erased and asked to stay so; nothing of this change is kept. Take the person out of the audience's source.")
        : verdicts.FirstOrDefault(verdict => verdict.Quarantined is not null) is { Quarantined: { } wrong }
        ? new ChangeResultJson(place + 1, FactJson.Quarantined, wrong.QuarantineId, wrong.Path, wrong.Code, wrong.Problem)
        : new ChangeResultJson(place + 1, verdicts.All(verdict => verdict.IsRepeat) ? FactJson.Duplicate : FactJson.Accepted, null, null, null, null);
}
