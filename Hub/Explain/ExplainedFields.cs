using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Explain;

/// <summary>The fields of a destination's mapping for one person, told by what the mapped record holds. Pure.</summary>
internal static class ExplainedFields
{
    /// <summary>The element is only put into its list, so that whoever has no true value is sent nothing of it.</summary>
    public const string AppendOnly = "append_only";

    private const string Hidden = "•••";
    private const int ShortestShown = 6;

    /// <summary>One per field of the mapping, in its order.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="mapped">What the mapping makes of the person.</param>
    /// <param name="look">What the vendor showed, or null when it was not asked.</param>
    /// <param name="written">Fields that are written once and were offered there.</param>
    /// <param name="reveal">True for values in full.</param>
    public static IReadOnlyList<ExplainedFieldJson> Of(Destination destination, MappedRecord mapped, VendorLook? look, IReadOnlyDictionary<string, WrittenField> written, bool reveal)
    {
        var values = mapped.Fields.ToDictionary(field => field.Name, field => field.Value, StringComparer.Ordinal);
        var dropped = mapped.Dropped.ToDictionary(issue => issue.Field, issue => issue.Code, StringComparer.Ordinal);
        var asked = look is { Problem: null } && look.Profiles.Where(FieldDifferences.IsAlive).ToList() is [var only] ? only : null;
        return [.. destination.WrittenFields.Select(Tell)];

        ExplainedFieldJson Tell(FieldMapping field)
        {
            var told = asked?.Fields.GetValueOrDefault(field.To);
            var isSent = values.TryGetValue(field.To, out var value);
            var refusal = mapped.Rejection?.Field == field.To ? mapped.Rejection.Code : dropped.GetValueOrDefault(field.To);
            var isKey = mapped.Key is not null && field is { Beside.Count: 0, Constant: null } && field.From == destination.IdentityKeyKind && !isSent && refusal is null && field.Owner == FieldOwner.Hub;
            var kept = Kept(field, isSent, value);
            var policy = destination.FieldPolicy.Decide(field);
            var result = field.Owner != FieldOwner.Hub ? "not_ours" : destination.IsOver(field) ? "ended" : policy.IsWithheld ? "withheld" : policy.Handling == FieldHandling.Drop ? "kept_here" : refusal is not null ? "refused" : isKey ? "key" : !isSent || kept is not null ? "left_out" : value.Kind == FieldKind.Null ? "cleared" : "sent";
            return new ExplainedFieldJson(field.Source, field.To, Word(field.Owner), Word(policy.Classification), result, isKey ? Show(field, FieldValue.Of(mapped.Key!)) : isSent ? Show(field, value) : null, refusal ?? (result == "left_out" ? kept : null))
            {
                Until = field.Until,
                AtVendor = told is null ? null : Show(field, FieldValue.Of(VendorValue.Canonical(told, destination.KindOf(field.To)))),
                IsSame = asked is null || !isSent || destination.UncomparedFields.Contains(field.To) ? null : FieldComparison.IsSame(value, told, destination.AddsWith(field.To)),
            };
        }

        string? Kept(FieldMapping field, bool isSent, FieldValue value) => field.Mutability switch
        {
            FieldMutability.AppendOnly when !field.IsAddedTo => isSent ? null : AppendOnly,
            FieldMutability.WriteOnce when isSent && written.GetValueOrDefault(field.To) is { } stands => OnceFields.WhyNot(stands, value),
            _ => null,
        };

        string? Show(FieldMapping field, FieldValue value) => value.Kind == FieldKind.Null || value.ToString() is not { Length: > 0 } text ? null : reveal ? text : Masked(field, destination.FieldPolicy, text);
    }

    /// <summary>Of a text that is long enough its ends; of anything that few letters would tell, or that asks for more care, nothing.</summary>
    internal static string Masked(FieldMapping field, FieldPolicy policy, string text) =>
        policy.Decide(field).Classification == FieldClassification.Sensitive || field.Type is not (MappedType.Text or MappedType.Email or MappedType.Phone) || text.Length < ShortestShown ? Hidden : MaskedKey.Of(text);

    /// <summary>A word of the configuration as files and answers write it.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
