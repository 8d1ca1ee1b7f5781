using System.Globalization;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>Ends people: by deletion, or by joining them into another. Guarded by the lead store's gate.</summary>
internal sealed class MarketoMerges(
    MarketoLeads leads, MarketoFields fields, MarketoLists lists, MarketoConsents consents, MarketoActivities activities,
    MarketoPrograms programs)
{
    private const int MaxLosers = 25;
    private const int MaxDeleted = 300;

    /// <summary>Both are irreversible; lists and events of the losers become the winner's, whose own values stand unless empty.</summary>
    public void Merge(SandboxCall call)
    {
        var query = call.Http.Request.Query;
        var losers = query["leadId"].Concat(query["leadIds"]).SelectMany(text => text!.Split(','))
            .Select(text => int.TryParse(text, CultureInfo.InvariantCulture, out var id) ? id : 0).Distinct().ToArray();
        lock (leads.Gate)
        {
            var isKnown = int.TryParse(call.Http.Request.RouteValues["id"] as string, CultureInfo.InvariantCulture, out var winner) && leads.Exists(winner);
            var refusal = losers.Length == 0 ? "1002"
                : losers.Length > MaxLosers ? "1080"
                : !isKnown || !Array.TrueForAll(losers, id => leads.Exists(id)) ? "1004"
                : losers.Contains(winner) ? "1003"
                : null;
            if (refusal is not null)
            {
                MarketoAnswers.Fail(call, refusal);
                return;
            }

            foreach (var loser in losers)
            {
                Join(winner, loser);
            }
        }

        MarketoAnswers.Done(call);
    }

    public void Delete(SandboxCall call)
    {
        if (MarketoLists.ReadIds(call) is not { Count: > 0 and <= MaxDeleted } ids)
        {
            MarketoAnswers.Fail(call, "1003");
            return;
        }

        call.Records = ids.Count;
        lock (leads.Gate)
        {
            var json = MarketoAnswers.Begin(call);
            var told = ids.Count - (call.Fault?.Variant == MarketoFaults.ShortAnswer ? 1 : 0);
            for (var i = 0; i < ids.Count; i++)
            {
                var isDeleted = leads.Exists(ids[i]);
                if (isDeleted)
                {
                    End((int)ids[i], MarketoActivities.DeleteLead);
                }

                if (i >= told)
                {
                    continue;
                }

                if (isDeleted)
                {
                    MarketoAnswers.WriteRow(json, ids[i], "deleted"u8);
                }
                else
                {
                    MarketoAnswers.WriteSkipped(json, "1004", ids[i]);
                }
            }

            MarketoAnswers.End(json);
        }
    }

    private void Join(int winner, int loser)
    {
        var missing = PackedFields.All(leads.Fields(loser), fields.Names)
            .Select(pair => new FieldChange(fields.Names.Id(pair.Key), System.Text.Encoding.UTF8.GetBytes(pair.Value)))
            .Where(change => !PackedFields.TryGet(leads.Fields(winner), change.Name, out _)).ToArray();
        consents.Update(winner, missing);
        lists.Move(loser, winner);
        activities.Move(loser, winner);
        activities.Note(MarketoActivities.MergeLeads, winner, "Merge IDs", loser.ToString(CultureInfo.InvariantCulture));
        End(loser, MarketoActivities.DeleteLead);
    }

    private void End(int id, int activityType)
    {
        activities.Note(activityType, id);
        activities.Forget(id);
        programs.Forget(id);
        leads.Delete(id);
        lists.Forget(id);
    }
}
