using System.Globalization;
using System.Text.Json;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Intake.Changes;
using IntegrationHub.Hub.Intake.Facts;

namespace IntegrationHub.Hub.Intake.Census;

/// <summary>The records of one <c>sync_batch</c> as facts. Pure.</summary>
internal static class CensusBatch
{
    /// <summary>Most records of a batch: their facts are one transaction.</summary>
    public const int MostRecords = FactRoutes.BatchFacts / 2;

    /// <summary>The facts of a record; none when it cannot be read.</summary>
    /// <param name="record">The record: flat fields by the names that were listed.</param>
    /// <param name="audience">Key of the audience; null for people.</param>
    /// <param name="operation">One of <see cref="CensusObjects"/>: people change with all but a deletion, memberships with all but an update.</param>
    /// <param name="call">What holds for all records of the batch.</param>
    /// <param name="place">Its place in the batch.</param>
    public static IReadOnlyList<DraftedFact> Read(JsonElement record, string? audience, string operation, ChangeCall call, int place)
    {
        try
        {
            return record.ValueKind == JsonValueKind.Object ? ReadObject(record, audience, operation, call, place) : [];
        }
        catch (InvalidOperationException)
        {
            return []; // half a surrogate pair
        }
    }

    private static List<DraftedFact> ReadObject(JsonElement record, string? audience, string operation, ChangeCall call, int place)
    {
        var facts = new List<DraftedFact>(2);
        KeyValuePair<string, string?>[] subject = [.. CensusObjects.Keys.Select(key => KeyValuePair.Create(key, TextOf(record, key)))];
        if (operation != CensusObjects.Delete)
        {
            facts.Add(DraftedFact.Of(Head(ProfileUpdated.Type), subject, DraftedFact.NoConsent, writer =>
            {
                writer.WriteStartObject("attributes");
                foreach (var field in record.EnumerateObject().Where(field => !CensusObjects.Keys.Contains(field.Name)))
                {
                    field.WriteTo(writer);
                }

                writer.WriteEndObject();
            }));
        }

        if (audience is not null && operation != CensusObjects.Update)
        {
            facts.Add(DraftedFact.Of(Head(AudienceMembershipChanged.Type), subject, DraftedFact.NoConsent, writer =>
            {
                writer.WriteString("audience", audience);
                writer.WriteBoolean("is_member", operation != CensusObjects.Delete);
            }));
        }

        return facts;

        // A record says how things are now, so a resend states it again; only the same batch is the same facts.
        FactHead Head(string type) => new(
            Uuid8.Of(call.Producer, call.Key ?? call.CallId.ToString(), place.ToString(CultureInfo.InvariantCulture), type), type, call.TimeOf(place).ToString("O", CultureInfo.InvariantCulture), call.Producer);
    }

    /// <summary>The company's id of a record, or null.</summary>
    public static string? IdOf(JsonElement record)
    {
        try
        {
            return record.ValueKind == JsonValueKind.Object ? TextOf(record, CensusObjects.Keys[0]) : null;
        }
        catch (InvalidOperationException)
        {
            return null; // half a surrogate pair
        }
    }

    private static string? TextOf(JsonElement record, string name) => record.TryGetProperty(name, out var value)
        ? value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        }
        : null;
}
