using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>merge and gdpr-delete. State is guarded by the contacts' gate.</summary>
internal sealed class HubSpotIdentityEndpoints(HubSpotContactStore contacts, HubSpotSchema schema, HubSpotLists lists, HubSpotContactReads reads, TimeProvider time)
{
    private const int MaxIdentities = 250;

    private readonly HashSet<string> _blocked = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a merged contact keeps the primary's id, as in HubSpot's beta, or gets a new one.</summary>
    public bool KeepsPrimaryId { get; set; }

    public IReadOnlyCollection<string> BlockedEmails => [.. _blocked];

    public void Clear() => _blocked.Clear();

    public void Merge(SandboxCall call)
    {
        if (!HubSpotContactReads.TryParse(call, out var request))
        {
            return;
        }

        using (request)
        {
            var (primaryId, otherId) = (Text(request.RootElement, "primaryObjectId"), Text(request.RootElement, "objectIdToMerge"));
            call.Records = 2;
            lock (contacts.Gate)
            {
                if (!TryGet(primaryId, out var primary) || !TryGet(otherId, out var other))
                {
                    HubSpotAnswers.Fail(call, 404, "OBJECT_NOT_FOUND", "One of the contacts to merge does not exist");
                    return;
                }

                if (primary == other)
                {
                    HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", "A contact cannot be merged with itself");
                    return;
                }

                if (contacts.JoinedInto(primary).Count() + contacts.JoinedInto(other).Count() + 2 > MaxIdentities)
                {
                    HubSpotAnswers.Fail(call, 414, null, $"Cannot have more than {MaxIdentities} identities on a profile");
                    return;
                }

                var survivor = contacts.Merge(primary, other, KeepsPrimaryId, time.GetUtcNow().UtcDateTime);
                foreach (var former in (int[])[primary, other])
                {
                    lists.Move(former, survivor);
                    if (former != survivor)
                    {
                        lists.Forget(former);
                    }
                }

                reads.Write(call.WriteJson(), survivor, ["email", "hs_merged_object_ids"]);
            }
        }
    }

    public void Erase(SandboxCall call)
    {
        if (!HubSpotContactReads.TryParse(call, out var request))
        {
            return;
        }

        using (request)
        {
            var id = Text(request.RootElement, "objectId");
            var named = Text(request.RootElement, "idProperty");
            var property = named is null ? null : schema.Find(named);
            call.Records = 1;
            if (string.IsNullOrEmpty(id) || (named is not null && property is not { IsEmail: true }))
            {
                HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", "objectId is needed, and idProperty may only be email");
                return;
            }

            lock (contacts.Gate)
            {
                if (reads.Find(id, property, out var contact) || reads.FindInBin(id, property, out contact))
                {
                    _blocked.UnionWith(contacts.Erase(contact));
                    lists.Forget(contact);
                }
                else if (property is not null)
                {
                    _blocked.Add(id);
                }
            }

            call.Status = 204;
        }
    }

    private bool TryGet(string? id, out int contact)
    {
        contact = -1;
        return long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && contacts.TryGetById(number, out contact);
    }

    internal static string? Text(JsonElement request, string name)
        => request.ValueKind == JsonValueKind.Object && request.TryGetProperty(name, out var value)
            ? value.ValueKind switch { JsonValueKind.String => value.GetString(), JsonValueKind.Number => value.GetRawText(), _ => null }
            : null;
}
