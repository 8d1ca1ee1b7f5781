using System.Globalization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>
/// Looks for custom activities by the hub's event id, which stands in one of their attributes. They are read like all activities, by type and lead from a time on
/// (https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/lead-database/activities). Each call looks through 300 activities of all types and people from
/// there (https://experienceleague.adobe.com/en/docs/experience-cloud-kcs/kbarticles/ka-29362), so a busy instance is read so far and no farther.
/// </summary>
internal sealed class MarketoEventReading(MarketoPeople people, MarketoActivityTypes types, MarketoClient client, TimeProvider time)
{
    /// <summary>Leads per call.</summary>
    public const int MaxEvents = 30;

    private const string TooManyActivities = "marketo_too_many_activities";
    private const int MaxTypes = 10;

    /// <summary>Calls for one look.</summary>
    private const int MaxPages = 50;

    /// <summary>Marketo gives no bound: activities are committed late (https://nation.marketo.com/t5/knowledgebase/rest-api-paging-tokens-use-case/ta-p/348678 tells of hours for e-mails).</summary>
    public static readonly TimeSpan ShownAfter = TimeSpan.FromHours(24);

    private static readonly TimeSpan _margin = TimeSpan.FromMinutes(5);

    public async Task<IReadOnlyList<EventSighting>> FindAsync(IReadOnlyList<EventQuestion> questions, CancellationToken cancellationToken)
    {
        var leads = await LeadsAsync(questions, cancellationToken);
        var sightings = new List<EventSighting>(questions.Count);
        var looks = new List<Look>(questions.Count);
        foreach (var question in questions)
        {
            var (type, code) = await TypeAsync(question.Event.Name, cancellationToken);
            if ((code ?? (leads[question.RecordId].Length == 0 ? ReasonCode.NotFound : null)) is { } unclear)
            {
                sightings.Add(new EventSighting(question.RecordId, EventPresence.Unclear, unclear));
            }
            else
            {
                looks.Add(new Look(question, type, leads[question.RecordId]));
            }
        }

        foreach (var part in Parts(looks.OrderBy(look => look.Since)))
        {
            sightings.AddRange(await FindAsync(part, cancellationToken));
        }

        return sightings;
    }

    /// <summary>Whoever has the key now, and who had the event's id: the two differ after a merge there.</summary>
    private async Task<Dictionary<long, long[]>> LeadsAsync(IReadOnlyList<EventQuestion> questions, CancellationToken cancellationToken)
    {
        string[] keys = [.. questions.Select(question => question.Key).Where(MarketoPeople.IsSearchable).Distinct(StringComparer.OrdinalIgnoreCase)];
        var answer = keys.Length == 0 ? MarketoAnswer.OfRows([]) : await people.FindInPartsAsync(keys, [], cancellationToken);
        if (answer.Failure is not null)
        {
            throw Trouble(answer);
        }

        var byKey = MarketoPeople.IdsByKey(answer);
        return questions.ToDictionary(
            question => question.RecordId,
            question => byKey[question.Key].Concat(long.TryParse(question.RemoteId, CultureInfo.InvariantCulture, out var known) ? [known] : []).Distinct().Take(MaxEvents).ToArray());
    }

    private async Task<(long Type, string? Code)> TypeAsync(string name, CancellationToken cancellationToken)
    {
        var (type, answer) = await types.FindAsync(client, name, cancellationToken);
        return type is not null ? (type.Id, null)
            : answer!.Failure is MarketoOutcomes.EventTypeUnknown or MarketoOutcomes.EventTypeNotApproved ? (0, answer.Failure)
            : throw Trouble(answer);
    }

    private async Task<IEnumerable<EventSighting>> FindAsync(IReadOnlyList<Look> looks, CancellationToken cancellationToken)
    {
        var first = await client.SendAsync(MarketoRequests.PagingToken(looks.Min(look => look.Since) - _margin), cancellationToken);
        var token = first.Content as string ?? throw Trouble(first);
        var missing = looks.GroupBy(look => look.Question.Event.Id, look => look.Question.RecordId).ToDictionary(same => same.Key, same => same.ToArray());
        var found = new List<EventSighting>(looks.Count);
        var isComplete = false;
        for (var page = 0; page < MaxPages && missing.Count > 0 && !isComplete; page++)
        {
            var answer = await client.SendAsync(
                MarketoRequests.ReadActivities(token, looks.Select(look => look.Type).Distinct(), looks.SelectMany(look => look.Leads).Distinct()), cancellationToken);
            var activities = answer.Content as LeadActivities ?? throw Trouble(answer);
            foreach (var id in activities.Ids)
            {
                if (missing.Remove(id, out var records))
                {
                    found.AddRange(records.Select(record => new EventSighting(record, EventPresence.There)));
                }
            }

            (token, isComplete) = (activities.Token, !activities.HasMore);
        }

        return found.Concat(missing.Values.SelectMany(records => records).Select(record => isComplete ? new EventSighting(record, EventPresence.NotThere) : new EventSighting(record, EventPresence.Unclear, TooManyActivities)));
    }

    /// <summary>As many as one call takes.</summary>
    private static IEnumerable<IReadOnlyList<Look>> Parts(IEnumerable<Look> looks)
    {
        var part = new List<Look>();
        foreach (var look in looks)
        {
            if (part.Count > 0 && (part.Append(look).SelectMany(each => each.Leads).Distinct().Count() > MaxEvents || part.Append(look).Select(each => each.Type).Distinct().Count() > MaxTypes))
            {
                yield return part;
                part = [];
            }

            part.Add(look);
        }

        if (part.Count > 0)
        {
            yield return part;
        }
    }

    private DestinationException Trouble(MarketoAnswer answer) => new(MarketoOutcomes.ConditionOf(answer, time.GetUtcNow()));

    /// <summary>From where on to look: whether a token's date means when an activity happened or when it was taken is not said, so from the earlier one.</summary>
    private sealed record Look(EventQuestion Question, long Type, long[] Leads)
    {
        public DateTimeOffset Since { get; } = Question.Event.OccurredAt < Question.SentFrom ? Question.Event.OccurredAt : Question.SentFrom;
    }
}
