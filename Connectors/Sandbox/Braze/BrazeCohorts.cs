using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>
/// <c>POST /partners/{partner}/cohorts</c> and <c>/cohorts/users</c>, the import of approved partners: the secrets travel in the body,
/// only people who are there become members, and nobody reads a cohort back over the API.
/// </summary>
internal sealed class BrazeCohorts(BrazePeople people, BrazeQueue queue)
{
    public const string PartnerKey = "sandbox-braze-partner-key";
    public const string ClientSecret = "sandbox-braze-client-secret";

    private const int MaxIds = 1000;

    private readonly Dictionary<string, HashSet<long>> _members = [];
    private readonly HashSet<string> _beingWritten = [];

    public IReadOnlyList<BrazePerson> MembersOf(string cohort)
    {
        lock (people.Gate)
        {
            return [.. _members.GetValueOrDefault(cohort, []).Select(serial => people.Find(new BrazeWho { BrazeId = serial.ToString("x", CultureInfo.InvariantCulture) })).OfType<BrazePerson>()];
        }
    }

    public void Name(SandboxCall call, JsonElement request)
    {
        if (Admit(call, request) is not { } cohort)
        {
            return;
        }

        if (BrazeRequests.Text(request, "name") is not { Length: > 0 })
        {
            BrazeAnswers.Fail(call, 400, "name must be a non-empty string");
        }
        else if (!request.TryGetProperty("created_at"u8, out var at) || at.ValueKind != JsonValueKind.String || !at.TryGetDateTimeOffset(out _))
        {
            BrazeAnswers.Fail(call, 400, "created_at must be a valid time");
        }
        else
        {
            lock (people.Gate)
            {
                _members.TryAdd(cohort, []);
            }

            BrazeAnswers.Succeed(call, 201);
        }
    }

    public void Change(SandboxCall call, JsonElement request)
    {
        if (Admit(call, request) is not { } cohort)
        {
            return;
        }

        if (!request.TryGetProperty("cohort_changes"u8, out var given) || given.ValueKind != JsonValueKind.Array)
        {
            BrazeAnswers.Fail(call, 400, "cohort_changes must be an array of objects");
            return;
        }

        var changes = BrazeRequests.Objects(request, "cohort_changes").ConvertAll(change => (
            Removes: change.TryGetProperty("should_remove"u8, out var removes) && removes.ValueKind == JsonValueKind.True,
            Who: WhoOf(change)));
        call.Records = changes.Sum(change => change.Who.Count);
        if (call.Records > MaxIds)
        {
            BrazeAnswers.Fail(call, 400, "Only 1,000 user_ids, device_ids, and aliases are allowed per request");
            return;
        }

        lock (people.Gate)
        {
            if (!_beingWritten.Add(cohort))
            {
                BrazeAnswers.Fail(call, 423, "Resource locked");
                return;
            }
        }

        queue.Add(() =>
        {
            _beingWritten.Remove(cohort);
            changes.ForEach(change => Apply(cohort, change.Removes, change.Who));
        });
        BrazeAnswers.Succeed(call, 201);
    }

    public void Clear()
    {
        lock (people.Gate)
        {
            _members.Clear();
            _beingWritten.Clear();
        }
    }

    private static List<BrazeWho> WhoOf(JsonElement change) =>
    [
        .. BrazeRequests.Texts(change, "user_ids").Select(id => new BrazeWho { ExternalId = id }),
        .. BrazeRequests.Objects(change, "aliases").Select(BrazeRequests.Alias).OfType<BrazeAlias>().Select(alias => new BrazeWho { Alias = alias }),
    ];

    private static string? Admit(SandboxCall call, JsonElement request)
    {
        if (BrazeRequests.Text(request, "partner_api_key") != PartnerKey || BrazeRequests.Text(request, "client_secret") != ClientSecret)
        {
            BrazeAnswers.Fail(call, 401, "Invalid partner API key or client secret");
            return null;
        }

        if (BrazeRequests.Text(request, "cohort_id") is { Length: > 0 } cohort)
        {
            return cohort;
        }

        BrazeAnswers.Fail(call, 400, "cohort_id must be a valid string");
        return null;
    }

    private void Apply(string cohort, bool removes, List<BrazeWho> who)
    {
        var members = _members.TryGetValue(cohort, out var known) ? known : _members[cohort] = [];
        foreach (var person in who.Select(people.Find).OfType<BrazePerson>())
        {
            if (removes)
            {
                members.Remove(person.Serial);
            }
            else
            {
                members.Add(person.Serial);
            }
        }
    }
}
