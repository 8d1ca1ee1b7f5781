using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>The endpoints of consent: subscription groups and e-mail.</summary>
internal sealed class BrazeConsentCalls(BrazePeople people, BrazeQueue queue)
{
    private const int MaxPage = 500;

    private static readonly (string Name, string Single)[] Kinds = [("external_ids", "external_id"), ("emails", "email"), ("phones", "phone")];

    /// <summary><c>POST /subscription/status/set</c>.</summary>
    public void SetGroup(SandboxCall call, JsonElement request) => SetGroups(call, [request], kind => kind.Single);

    /// <summary><c>POST /v2/subscription/status/set</c>.</summary>
    public void SetGroups(SandboxCall call, JsonElement request) => SetGroups(call, BrazeRequests.Objects(request, "subscription_groups"), kind => kind.Name);

    /// <summary><c>GET /subscription/status/get</c>.</summary>
    public void GetGroup(SandboxCall call)
    {
        var group = Query(call, "subscription_group_id").FirstOrDefault() ?? "";
        var (ids, emails, phones) = (Query(call, "external_id"), Query(call, "email"), Query(call, "phone"));
        if (ids.Length == 0 && emails.Length > 0 && phones.Length > 0)
        {
            BrazeAnswers.Fail(call, 400, "Either an email address or a phone number should be provided, but not both.");
            return;
        }

        var asked = ids.Length > 0 ? ids.Select(id => (Id: id, Person: people.ByExternalId(id)))
            : emails.Length > 0 ? emails.Select(email => (email, First(people.WithEmail(email))))
            : phones.Select(phone => (phone, First(people.WithPhone(phone))));
        BrazeAnswers.Succeed(call, 200, json =>
        {
            json.WriteStartObject("status"u8);
            foreach (var (id, person) in asked)
            {
                json.WriteString(id, person?.Groups.GetValueOrDefault(group) switch
                {
                    BrazeConsents.Subscribed => "Subscribed",
                    BrazeConsents.Unsubscribed => "Unsubscribed",
                    _ => "Unknown",
                });
            }

            json.WriteEndObject();
        });
    }

    /// <summary><c>POST /email/status</c>.</summary>
    public void SetEmailStatus(SandboxCall call, JsonElement request)
    {
        if (BrazeRequests.Text(request, "subscription_state") is not ("subscribed" or "unsubscribed" or "opted_in"))
        {
            BrazeAnswers.Fail(call, 400, "Invalid subscription_state");
            return;
        }

        SetEmails(call, request, BrazeRequests.Text(request, "subscription_state")!);
    }

    /// <summary><c>POST /email/blocklist</c>.</summary>
    public void Block(SandboxCall call, JsonElement request) => SetEmails(call, request, BrazeConsents.Unsubscribed);

    /// <summary><c>GET /email/unsubscribes</c>: days begin at midnight UTC, newest first, paged by offset.</summary>
    public void Unsubscribes(SandboxCall call) => List(call, people.Consents.OptOuts, "email", BrazePeople.Normal, ("emails", "email", "unsubscribed_at"));

    /// <summary><c>GET /email/hard_bounces</c>: as unsubscribes, without a direction.</summary>
    public void HardBounces(SandboxCall call) => List(call, people.Consents.Bounces, "email", BrazePeople.Normal, ("emails", "email", "hard_bounced_at"));

    /// <summary><c>GET /sms/invalid_phone_numbers</c>: numbers are told without a plus sign.</summary>
    public void InvalidPhones(SandboxCall call) => List(call, people.Consents.DeadNumbers, "phone_numbers", phone => phone.TrimStart('+'), ("sms", "phone", "invalid_detected_at"));

    private void List(
        SandboxCall call, IEnumerable<KeyValuePair<string, DateTimeOffset>> noted, string asked, Func<string, string> normal, (string List, string Key, string Time) names)
    {
        var (from, to, sought) = (Day(call, "start_date"), Day(call, "end_date"), Query(call, asked).FirstOrDefault());
        var (limit, offset) = (Number(call, "limit") ?? 100, Number(call, "offset") ?? 0);
        if ((to is null && !(sought is not null && names.List == "sms")) || (from is null && sought is null) || from >= to || limit is < 1 or > MaxPage)
        {
            BrazeAnswers.Fail(call, 400, "Bad Request");
            return;
        }

        KeyValuePair<string, DateTimeOffset>[] found;
        lock (people.Gate)
        {
            found = [.. noted.Where(entry => sought is null ? entry.Value >= from && entry.Value < to : entry.Key == normal(sought))];
        }

        var page = names.Time == "unsubscribed_at" && Query(call, "sort_direction").FirstOrDefault() == "asc" ? found.Reverse() : found;
        BrazeAnswers.Succeed(call, 200, json =>
        {
            json.WriteStartArray(names.List);
            foreach (var (address, at) in page.Skip(offset).Take(limit))
            {
                json.WriteStartObject();
                json.WriteString(names.Key, address);
                json.WriteString(names.Time, at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss '+0000'", CultureInfo.InvariantCulture));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    private void SetGroups(SandboxCall call, List<JsonElement> groups, Func<(string Name, string Single), string> name)
    {
        var work = new List<Action>();
        foreach (var group in groups)
        {
            var (id, state) = (BrazeRequests.Text(group, "subscription_group_id"), BrazeRequests.Text(group, "subscription_state"));
            var (ids, emails, phones) = (BrazeRequests.Texts(group, name(Kinds[0])), BrazeRequests.Texts(group, name(Kinds[1])), BrazeRequests.Texts(group, name(Kinds[2])));
            if (emails.Count > 0 && phones.Count > 0)
            {
                BrazeAnswers.Fail(call, 400, "Either an email address or a phone number should be provided, but not both.");
                return;
            }

            if (string.IsNullOrEmpty(id) || state is not (BrazeConsents.Subscribed or BrazeConsents.Unsubscribed) || ids.Concat(emails).Concat(phones).Any(call.Rejects) || !phones.TrueForAll(IsE164))
            {
                BrazeAnswers.Fail(call, 400, "Bad Request");
                return;
            }

            call.Records += ids.Count + emails.Count + phones.Count;
            work.AddRange(ids.Select(externalId => (Action)(() =>
            {
                if (people.ByExternalId(externalId) is { } person)
                {
                    people.Consents.SetGroup(person, id, state);
                }
            })));
            work.AddRange(emails.Select(email => (Action)(() => people.Consents.SetGroup(email, isPhone: false, id, state))));
            work.AddRange(phones.Select(phone => (Action)(() => people.Consents.SetGroup(phone, isPhone: true, id, state))));
        }

        if (work.Count is 0 or > BrazeRequests.MaxIds)
        {
            BrazeAnswers.Fail(call, 400, work.Count == 0 ? "Bad Request" : BrazeRequests.TooMany);
            return;
        }

        queue.Add(() => work.ForEach(one => one()));
        BrazeAnswers.Succeed(call, 201);
    }

    private void SetEmails(SandboxCall call, JsonElement request, string state)
    {
        var emails = BrazeRequests.Texts(request, "email");
        call.Records = emails.Count;
        if (emails.Count is 0 or > BrazeRequests.MaxIds || emails.Exists(email => !email.Contains('@', StringComparison.Ordinal) || call.Rejects(email)))
        {
            BrazeAnswers.Fail(call, 400, emails.Count > BrazeRequests.MaxIds ? BrazeRequests.TooMany : "Bad Request");
            return;
        }

        queue.Add(() => emails.ForEach(email => people.Consents.SetEmail(email, state)));
        BrazeAnswers.Succeed(call, 201);
    }

    private static bool IsE164(string number) => number.Length is >= 8 and <= 16 && number[0] == '+' && number[1] != '0' && number.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0;

    private static BrazePerson? First(IReadOnlyList<BrazePerson> found) => found.Count > 0 ? found[0] : null;

    private static string[] Query(SandboxCall call, string name)
        => [.. call.Http.Request.Query[name].Concat(call.Http.Request.Query[$"{name}[]"]).OfType<string>()];

    private static int? Number(SandboxCall call, string name) => int.TryParse(Query(call, name).FirstOrDefault(), CultureInfo.InvariantCulture, out var number) ? number : null;

    private static DateTimeOffset? Day(SandboxCall call, string name)
        => DateOnly.TryParseExact(Query(call, name).FirstOrDefault(), "yyyy-MM-dd", out var day) ? new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero) : null;
}
