using System.Text.Encodings.Web;
using System.Text.Json;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Storage.Shadows;

/// <summary>One thing that a shadow states of one person. Personal data.</summary>
/// <param name="Source">The shadow.</param>
/// <param name="Kind">See <see cref="ShadowKind"/>.</param>
/// <param name="Name">The attribute, the kind of key or the audience.</param>
/// <param name="SubjectKey">The key that the person is filed under: of those that the statement names the first by <c>identity.yaml</c>.</param>
/// <param name="Value">The value as JSON: <c>null</c> says that there is none; of a membership <c>true</c> or <c>false</c>.</param>
/// <param name="At">When it was so.</param>
public sealed record ShadowStatement(string Source, string Kind, string Name, string SubjectKey, string Value, DateTimeOffset At)
{
    private static readonly JsonSerializerOptions _relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>That there is no value.</summary>
    public const string None = "null";

    /// <summary>That somebody is in an audience.</summary>
    public const string In = "true";

    /// <summary>That somebody is not in an audience.</summary>
    public const string Out = "false";

    /// <summary>What a statement's value is bound to where it is sealed.</summary>
    internal static string RowOf(string source, string kind, string name, string subjectKey) => SealedColumn.Joined(source, kind, name, subjectKey);

    /// <summary>The value as it is kept: sealed where it is of an attribute.</summary>
    internal string Sealed(SealingKeys keys) => Kind == ShadowKind.Attribute ? keys.Seal(SealedColumn.ShadowValue, RowOf(Source, Kind, Name, SubjectKey), Value) : Value;

    /// <summary>What a fact states, taken apart; nothing where none of its keys tells people, or where it states neither attributes nor a membership.</summary>
    /// <param name="fact">The fact.</param>
    /// <param name="telling">Those of its keys that tell people, the first of them first.</param>
    internal static IEnumerable<ShadowStatement> Of(LedgerFact fact, PersonKey[] telling)
    {
        if (telling.Length == 0 || (fact.AttributesJson is null && fact.Membership is null))
        {
            yield break;
        }

        var subject = telling[0].ToString();
        if (fact.AttributesJson is { } stated)
        {
            using var attributes = JsonDocument.Parse(stated);
            foreach (var attribute in attributes.RootElement.EnumerateObject())
            {
                yield return new ShadowStatement(fact.Producer, ShadowKind.Attribute, attribute.Name, subject, attribute.Value.GetRawText(), fact.OccurredAt);
            }
        }

        foreach (var (name, kind, value) in new[] { ("email", KeyKind.Email, fact.Email), ("phone", KeyKind.Phone, fact.Phone) })
        {
            if (value is not null && telling[0].Kind != kind)
            {
                yield return new ShadowStatement(fact.Producer, ShadowKind.Key, name, subject, value.Length == 0 ? None : JsonSerializer.Serialize(value, _relaxed), fact.OccurredAt);
            }
        }

        if (fact.Membership is { } membership)
        {
            yield return new ShadowStatement(fact.Producer, ShadowKind.Audience, membership.Audience, subject, membership.IsMember ? In : Out, fact.OccurredAt);
        }
    }
}
