namespace Hub.Tests.Delivery.Quota;

/// <summary>What may go wrong between instances and their shared books.</summary>
public enum Mishap
{
    /// <summary>Nothing more comes from an instance for a while, or it wants to call again.</summary>
    Lull,

    /// <summary>The next claim of an instance never arrives.</summary>
    ClaimLost,

    /// <summary>The next claim of an instance arrives once more, up to four seconds later.</summary>
    ClaimRepeated,

    /// <summary>The answer to the next claim of an instance never arrives.</summary>
    AnswerLost,

    /// <summary>The next claim of an instance, and its answer, are under way up to one and a half seconds.</summary>
    Slow,

    /// <summary>An instance dies; another one is born.</summary>
    Death,

    /// <summary>The database's clock is set by up to an hour, forward or back.</summary>
    ClockSet,
}
