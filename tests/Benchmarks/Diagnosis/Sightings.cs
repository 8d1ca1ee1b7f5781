using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Diagnosis;

/// <summary>When a hub names what: from the trouble until it is named, and whether that was in time.</summary>
internal sealed class Sightings
{
    private static readonly TimeSpan _promised = TimeSpan.FromSeconds(60);
    private readonly JsonObject _table = [];
    private bool _allRight = true;

    /// <summary>A line per diagnosis: seconds, right or wrong, and what was said of it before.</summary>
    public JsonObject Table
    {
        get
        {
            _table["all were named rightly within 60 s"] = _allRight;
            return _table;
        }
    }

    /// <summary>Waits until a hub has named everything.</summary>
    /// <param name="hub">Whom to ask.</param>
    /// <param name="since">When the trouble began.</param>
    /// <param name="awaited">The diagnoses; of each what it is about, or null for anything.</param>
    public async Task OfAsync(HubProcess hub, Stopwatch since, params (string Code, string? Subject)[] awaited)
    {
        var before = awaited.ToDictionary(one => one, _ => new List<string>());
        var left = awaited.ToList();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        do
        {
            var said = (await hub.GetAsync("/v1/diagnoses")).GetProperty("items").EnumerateArray().Select(one => (Code: Text(one, "code"), Subject: Text(one, "subject"))).ToList();
            foreach (var one in left.ToList())
            {
                var codes = said.Where(diagnosis => one.Subject is null ? diagnosis.Code == one.Code : diagnosis.Subject == one.Subject).Select(diagnosis => diagnosis.Code).ToList();
                if (codes.Contains(one.Code) || since.Elapsed > 2 * _promised)
                {
                    Note(one.Code, since.Elapsed, codes.Contains(one.Code), before[one]);
                    left.Remove(one);
                }
                else
                {
                    before[one].AddRange(codes.Except(before[one]));
                }
            }
        }
        while (left.Count > 0 && await timer.WaitForNextTickAsync());
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";

    private void Note(string code, TimeSpan took, bool isNamed, List<string> before)
    {
        var isRight = isNamed && took <= _promised;
        _allRight &= isRight;
        var line = FormattableString.Invariant($"{took.TotalSeconds,6:0.0} s {(isRight ? "right" : "wrong")}{(before.Count == 0 ? "" : $", after {string.Join(", ", before)}")}");
        _table[_table.ContainsKey(code) ? $"{code} (of a lease)" : code] = line;
        ScenarioOptions.Progress($"{code,-24}{line}");
    }
}
