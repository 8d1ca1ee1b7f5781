using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>The endpoints that change who people are. What cannot be done is not done, and the answer is success all the same.</summary>
internal sealed class BrazeIdentityCalls(BrazePeople people, BrazeQueue queue)
{
    private const string BadIdentifiers =
        "identifiers must be objects with an 'external_id' property that is a string, 'user_alias' property that is an object, "
        + "'email' property that is a string, or 'phone' property that is a string";

    private static readonly string[] IdentifyArrays = ["aliases_to_identify", "emails_to_identify", "phone_numbers_to_identify"];

    /// <summary><c>POST /users/alias/new</c>.</summary>
    public void NewAliases(SandboxCall call, JsonElement request)
    {
        var entries = BrazeRequests.Objects(request, "user_aliases")
            .Select(entry => (ExternalId: BrazeRequests.Text(entry, "external_id"), Alias: BrazeRequests.Alias(entry)))
            .Where(entry => entry.Alias is not null)
            .ToList();
        if (Admit(call, entries.Count, BrazeRequests.TooMany))
        {
            queue.Add(() => entries.ForEach(entry => AddAlias(entry.ExternalId, entry.Alias!.Value)));
            BrazeAnswers.Succeed(call, 201, json => json.WriteNumber("aliases_processed"u8, entries.Count));
        }
    }

    /// <summary><c>POST /users/alias/update</c>.</summary>
    public void UpdateAliases(SandboxCall call, JsonElement request)
    {
        var entries = BrazeRequests.Objects(request, "alias_updates")
            .Select(entry => (Label: BrazeRequests.Text(entry, "alias_label"), Old: BrazeRequests.Text(entry, "old_alias_name"), New: BrazeRequests.Text(entry, "new_alias_name")))
            .Where(entry => entry is { Label: not null, Old: not null, New: not null })
            .ToList();
        if (Admit(call, entries.Count, BrazeRequests.TooMany))
        {
            queue.Add(() => entries.ForEach(entry => people.Rename(new BrazeAlias(entry.Label!, entry.Old!), entry.New!)));
            BrazeAnswers.Succeed(call, 201, json => json.WriteNumber("aliases_processed"u8, entries.Count));
        }
    }

    /// <summary><c>POST /users/identify</c>.</summary>
    public void Identify(SandboxCall call, JsonElement request)
    {
        var entries = IdentifyArrays.SelectMany(name => BrazeRequests.Objects(request, name))
            .Select(BrazeRequests.Who)
            .OfType<BrazeWho>()
            .Where(who => who.ExternalId is not null && (who.Alias is not null || who.Email is not null || who.Phone is not null))
            .Select(who => (ExternalId: who.ExternalId!, Who: who with { ExternalId = null }))
            .ToList();
        if (Admit(call, entries.Count, BrazeRequests.TooMany))
        {
            queue.Add(() => entries.ForEach(entry => Identify(entry.ExternalId, entry.Who)));
            BrazeAnswers.Succeed(call, 201, json => json.WriteNumber("aliases_processed"u8, entries.Count));
        }
    }

    /// <summary><c>POST /users/merge</c>.</summary>
    public void Merge(SandboxCall call, JsonElement request)
    {
        if (!request.TryGetProperty("merge_updates"u8, out var updates) || updates.ValueKind != JsonValueKind.Array
            || updates.EnumerateArray().Any(update => update.ValueKind != JsonValueKind.Object))
        {
            BrazeAnswers.Fail(call, 400, "'merge_updates' must be an array of objects");
            return;
        }

        var pairs = new List<(BrazeWho Ends, BrazeWho Stays)>();
        foreach (var update in updates.EnumerateArray())
        {
            var names = update.EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal);
            if (!names.SequenceEqual(["identifier_to_keep", "identifier_to_merge"]))
            {
                BrazeAnswers.Fail(call, 400, "'merge_updates' must only have 'identifier_to_merge' and 'identifier_to_keep'");
                return;
            }

            if (BrazeRequests.Who(update.GetProperty("identifier_to_merge"u8)) is not { BrazeId: null } ends
                || BrazeRequests.Who(update.GetProperty("identifier_to_keep"u8)) is not { BrazeId: null } stays)
            {
                BrazeAnswers.Fail(call, 400, BadIdentifiers);
                return;
            }

            pairs.Add((ends, stays));
        }

        if (Admit(call, pairs.Count, "a single request may not contain more than 50 merge updates"))
        {
            queue.Add(() => pairs.ForEach(pair => Merge(pair.Ends, pair.Stays)), BrazeQueue.Slow);
            BrazeAnswers.Succeed(call, 202);
        }
    }

    /// <summary><c>POST /users/delete</c>: exactly one kind of id.</summary>
    public void Delete(SandboxCall call, JsonElement request)
    {
        List<BrazeWho>[] kinds =
        [
            [.. BrazeRequests.Texts(request, "external_ids").Select(id => new BrazeWho { ExternalId = id })],
            [.. BrazeRequests.Texts(request, "braze_ids").Select(id => new BrazeWho { BrazeId = id })],
            [.. BrazeRequests.Objects(request, "user_aliases").Select(BrazeRequests.Alias).OfType<BrazeAlias>().Select(alias => new BrazeWho { Alias = alias })],
            [.. BrazeRequests.Objects(request, "email_addresses").Concat(BrazeRequests.Objects(request, "phone_numbers")).Select(BrazeRequests.Who).OfType<BrazeWho>()],
        ];
        if (kinds.Count(kind => kind.Count > 0) != 1)
        {
            BrazeAnswers.Fail(call, 400, "Exactly one type of identifier must be provided");
            return;
        }

        var doomed = kinds.Single(kind => kind.Count > 0);
        if (Admit(call, doomed.Count, BrazeRequests.TooMany))
        {
            queue.Add(() => doomed.ForEach(Delete), BrazeQueue.Slow);
            BrazeAnswers.Succeed(call, 200, json => json.WriteNumber("deleted"u8, doomed.Count));
        }
    }

    /// <summary><c>POST /users/external_ids/rename</c>: done when it is answered, entry by entry.</summary>
    public void Rename(SandboxCall call, JsonElement request)
    {
        var entries = BrazeRequests.Objects(request, "external_id_renames")
            .Select(entry => (From: BrazeRequests.Text(entry, "current_external_id") ?? "", To: BrazeRequests.Text(entry, "new_external_id") ?? ""))
            .ToList();
        AnswerEach(call, entries, entry => entry.To, "external_ids", "rename_errors", entry =>
        {
            if (call.Rejects(entry.From) || entry.From == entry.To || people.IsPrimary(entry.To) || people.IsFormer(entry.To))
            {
                return "new_external_id is already in use";
            }

            if (!people.IsPrimary(entry.From))
            {
                return "current_external_id does not exist";
            }

            people.SetExternalId(people.ByExternalId(entry.From)!, entry.To, keepFormer: true);
            return null;
        });
    }

    /// <summary><c>POST /users/external_ids/remove</c>: only ids that a rename left behind.</summary>
    public void RemoveIds(SandboxCall call, JsonElement request)
        => AnswerEach(call, BrazeRequests.Texts(request, "external_ids"), id => id, "removed_ids", "removal_errors", id =>
        {
            if (!people.IsFormer(id))
            {
                return "external_id is not deprecated";
            }

            people.ForgetFormerId(id);
            return null;
        });

    private void AnswerEach<T>(SandboxCall call, List<T> entries, Func<T, string> id, string done, string errors, Func<T, string?> apply)
    {
        if (!Admit(call, entries.Count, BrazeRequests.TooMany))
        {
            return;
        }

        List<string?> results;
        lock (people.Gate)
        {
            results = entries.ConvertAll(entry => apply(entry));
        }

        BrazeAnswers.Succeed(call, 200, json =>
        {
            json.WriteStartArray(done);
            foreach (var (entry, error) in entries.Zip(results))
            {
                if (error is null)
                {
                    json.WriteStringValue(id(entry));
                }
            }

            json.WriteEndArray();
            json.WriteStartArray(errors);
            foreach (var (error, index) in results.Select((error, index) => (error, index)).Where(result => result.error is not null))
            {
                json.WriteStartArray();
                json.WriteStringValue(error);
                json.WriteNumberValue(index);
                json.WriteEndArray();
            }

            json.WriteEndArray();
        });
    }

    private static bool Admit(SandboxCall call, int entries, string tooMany)
    {
        call.Records = entries;
        if (entries is > 0 and <= BrazeRequests.MaxIds)
        {
            return true;
        }

        BrazeAnswers.Fail(call, 400, entries == 0 ? "Bad Request" : tooMany);
        return false;
    }

    private void AddAlias(string? externalId, BrazeAlias alias)
    {
        if (externalId is null && people.Find(new BrazeWho { Alias = alias }) is null)
        {
            people.Create(new BrazeWho { Alias = alias });
        }
        else if (externalId is not null && people.ByExternalId(externalId) is { } person && person.Aliases.All(other => other.Label != alias.Label))
        {
            people.AddAlias(person, alias);
        }
    }

    private void Identify(string externalId, BrazeWho who)
    {
        if (people.FindOne(who) is not { ExternalId: null } unidentified)
        {
            return;
        }

        if (people.ByExternalId(externalId) is not { } known)
        {
            people.SetExternalId(unidentified, externalId);
        }
        else if (!unidentified.Aliases.Any(alias => known.Aliases.Any(other => other.Label == alias.Label)))
        {
            people.Fold(unidentified, known);
        }
    }

    private void Merge(BrazeWho ends, BrazeWho stays)
    {
        if (people.FindOne(ends) is { } ending && people.FindOne(stays) is { } staying && ending != staying)
        {
            people.Fold(ending, staying);
        }
    }

    private void Delete(BrazeWho who)
    {
        if (people.FindOne(who) is { } person)
        {
            people.Remove(person);
        }
    }
}
