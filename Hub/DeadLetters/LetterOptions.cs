using System.ComponentModel.DataAnnotations;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>How dead letters are sent again; section <c>Hub:DeadLetters</c>.</summary>
internal sealed class LetterOptions
{
    /// <summary>Letters that one step takes: what one transaction marks, owes or gives back.</summary>
    [Range(1, 10_000)]
    public int Batch { get; set; } = 1_000;

    /// <summary>Most letters of a destination that wait to be sent at a time; the rest stays where a stop takes it back at once.</summary>
    [Range(1, 100_000)]
    public int Waiting { get; set; } = 4_000;

    /// <summary>Most letters of one replay that an instance sends again per second.</summary>
    [Range(1, 100_000)]
    public int PerSecond { get; set; } = 1_000;

    /// <summary>
    /// True when the hub asks vendors by itself about events of which the answer was lost, once what they show is certain, within the share of the day's calls that reading
    /// back may take (<c>read_back_share</c>). What they have is settled; nothing is sent again by it.
    /// </summary>
    public bool AskVendor { get; set; } = true;

    /// <summary>Time between two looks while a replay is under way.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan Look { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Time between two looks while none is: who confirms one wakes its own hub; another hub takes it up by then when that one ends.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan Rest { get; set; } = TimeSpan.FromSeconds(5);
}
